-- Two roles: voice_migrator brings the schema to its target, voice_worker runs the worker and can do nothing else.
-- Plain SQL for any client, to be run in the application's database, as often as you like, by a superuser, or without one
-- by a role with CREATEROLE that owns business or may grant its owner's role (PostgreSQL 16 and later: has ADMIN on it):
--     psql -v ON_ERROR_STOP=1 -d app -f roles.sql      1. makes the roles
--     \password voice_migrator, \password voice_worker
--     voice-worker migrate                             2. as voice_migrator, once for every version of the worker
--     psql -v ON_ERROR_STOP=1 -d app -f roles.sql      3. gives voice_worker its rights on what was made by 2
-- Who runs this and owns business migrates as itself in 2: nobody but a superuser could make voice_migrator one of it.
-- Then start the worker as voice_worker. Where the legacy tables are not in public, replace "public" (Migration:Schema).
-- The tests run this very file, and every worker that they start runs as voice_worker.

DO $$ BEGIN
    IF to_regrole('voice_migrator') IS NULL THEN CREATE ROLE voice_migrator LOGIN; END IF;
    IF to_regrole('voice_worker') IS NULL THEN CREATE ROLE voice_worker LOGIN; END IF;
END $$;

-- The migrator alters business, which only its owner may, and creates the schemas voice and voice_audit.
DO $$
DECLARE
    owner regrole := (SELECT relowner FROM pg_class WHERE oid = 'public.business'::regclass);
    is_superuser boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE oid = owner) THEN
        RAISE EXCEPTION 'business belongs to a superuser, and so would voice_migrator become one'
            USING HINT = 'ALTER TABLE business OWNER TO a role of the application first.';
    END IF;
    IF owner = to_regrole(quote_ident(current_user)) AND NOT is_superuser THEN
        RAISE NOTICE 'Migrate as %, which owns business.', owner;
    ELSE
        IF NOT pg_has_role('voice_migrator', owner, 'MEMBER') THEN
            EXECUTE format('GRANT %s TO voice_migrator', owner);
        END IF;
        -- What the migrator makes, its members may grant: this role without a superuser in 3.
        IF NOT pg_has_role('voice_migrator', 'USAGE') THEN
            GRANT voice_migrator TO CURRENT_USER;
        END IF;
    END IF;
    IF NOT (has_database_privilege('voice_migrator', current_database(), 'CONNECT')
            AND has_database_privilege('voice_migrator', current_database(), 'CREATE')) THEN
        EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO voice_migrator', current_database());
    END IF;
    IF NOT has_schema_privilege('voice_migrator', 'public', 'USAGE') THEN
        GRANT USAGE ON SCHEMA public TO voice_migrator;
    END IF;
    IF NOT has_database_privilege('voice_worker', current_database(), 'CONNECT') THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO voice_worker', current_database());
    END IF;
    IF NOT has_schema_privilege('voice_worker', 'public', 'USAGE') THEN
        GRANT USAGE ON SCHEMA public TO voice_worker;
    END IF;
END $$;
-- Optional: lets the migrator say for how long somebody who is in its way has had the transaction open.
-- GRANT pg_read_all_stats TO voice_migrator;

-- Row level security would hide businesses from both: they see all. A restrictive policy needs ALTER ROLE ... BYPASSRLS.
DO $$ BEGIN
    IF (SELECT relrowsecurity FROM pg_class WHERE oid = 'public.business'::regclass) THEN
        DROP POLICY IF EXISTS voice_worker_sees_all ON public.business;
        CREATE POLICY voice_worker_sees_all ON public.business TO voice_migrator, voice_worker USING (true) WITH CHECK (true);
    END IF;
END $$;

-- Changes:Direct=Capture needs no right of the application's: what its triggers record is written as voice_migrator, who
-- made them, and nobody else can.
-- The worker reads voices and changes them. All other columns and tables of the application are none of its business:
-- that the critical columns exist is read from the catalog.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'public.business'::regclass AND attname = 'voice_id' AND NOT attisdropped) THEN
        GRANT SELECT (id, voice_id), UPDATE (voice_id) ON public.business TO voice_worker;
    END IF;
END $$;

-- Its own tables. The worker adds to what was decided and to the audit trail, and can neither change nor delete.
DO $$ BEGIN
    IF to_regclass('voice.outbox') IS NULL OR to_regclass('voice_audit.mt_events') IS NULL THEN
        RAISE NOTICE 'Next: migrate as voice_migrator, then run this file again.';
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA voice, voice_audit TO voice_worker;
    GRANT SELECT ON voice.schema_history, voice.retention TO voice_worker;
    -- Its own row there; and what is long gone is dropped by whoever comes by.
    IF to_regclass('voice.worker') IS NOT NULL THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON voice.worker TO voice_worker;
    END IF;
    -- What operators have paused. Another pause, or its end, is another row: none is ever changed.
    IF to_regclass('voice.queue_pause') IS NOT NULL THEN
        GRANT SELECT, INSERT, DELETE ON voice.queue_pause TO voice_worker;
    END IF;
    GRANT SELECT, INSERT ON voice.call_voice, voice.business_voice_change TO voice_worker;
    -- What operators do; a promoted standby gets back what it lacks of it.
    IF to_regclass('voice.operator_action') IS NOT NULL THEN
        GRANT SELECT, INSERT ON voice.operator_action TO voice_worker;
    END IF;
    IF to_regproc('voice.record_act') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION voice.record_act TO voice_worker;
    END IF;
    -- Beside a worker the console keeps the keys of its cookies there.
    IF to_regclass('voice.console_key') IS NOT NULL THEN
        GRANT SELECT, INSERT ON voice.console_key TO voice_worker;
    END IF;
    GRANT SELECT, INSERT, DELETE ON voice.outbox TO voice_worker;
    GRANT SELECT, UPDATE (published_seq, updated_at) ON voice.relay_checkpoint TO voice_worker;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'voice.relay_checkpoint'::regclass AND attname = 'history_timeline') THEN
        GRANT UPDATE (history_database, history_timeline) ON voice.relay_checkpoint TO voice_worker;
    END IF;
    -- It writes the audit event of a migration that was killed just before.
    GRANT SELECT, UPDATE (completed_at) ON voice.migration_run TO voice_worker;
    -- The hashes of audit events go on from there.
    IF to_regclass('voice.removed_head') IS NOT NULL THEN
        GRANT SELECT ON voice.removed_head TO voice_worker;
        GRANT EXECUTE ON FUNCTION voice.next_hash(bytea, text, text), voice.chain(text, text) TO voice_worker;
    END IF;
    GRANT SELECT, INSERT ON voice_audit.mt_events TO voice_worker;
    GRANT SELECT, INSERT, UPDATE (version, timestamp) ON voice_audit.mt_streams TO voice_worker;
    GRANT USAGE ON SEQUENCE voice_audit.mt_events_sequence TO voice_worker;
END $$;
-- Optional: a role for a console (voice-worker console) that looks at everything and records acts. What it may do beyond that
-- is given act by act: pausing INSERT, DELETE on voice.queue_pause, draining UPDATE (is_draining) on voice.worker; setting a
-- voice needs all that voice_worker has.
-- CREATE ROLE voice_console LOGIN; then run this file again.
DO $$ BEGIN
    IF to_regrole('voice_console') IS NULL OR to_regclass('voice.console_key') IS NULL THEN RETURN; END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO voice_console', current_database());
    GRANT USAGE ON SCHEMA public, voice, voice_audit TO voice_console;
    GRANT SELECT (id, voice_id) ON public.business TO voice_console;
    GRANT SELECT ON ALL TABLES IN SCHEMA voice, voice_audit TO voice_console;
    GRANT INSERT ON voice.console_key TO voice_console;
    GRANT EXECUTE ON FUNCTION voice.record_act TO voice_console;
END $$;
-- Optional: lets an operator of dead letters use a role of his own, whose name comes before what he calls himself. It can
-- add acts to the trail and nothing else. A role that an earlier version of this file gave INSERT on voice.outbox could
-- add any event, or one that stops the trail: doctor names it.
-- GRANT USAGE ON SCHEMA voice TO anna; GRANT EXECUTE ON FUNCTION voice.record_act TO anna;
-- Optional: lets the worker remove what is older than Retention:* says, and nothing younger than a day.
-- GRANT EXECUTE ON FUNCTION voice.remove_decisions, voice.remove_events TO voice_worker;
