-- Two roles: voice_migrator brings the schema to its target, voice_worker runs the worker and can do nothing else.
-- Plain SQL for any client, to be run by a superuser in the application's database, as often as you like:
--     psql -v ON_ERROR_STOP=1 -d app -f roles.sql      1. makes the roles
--     \password voice_migrator, \password voice_worker
--     dotnet VoiceWorker.dll migrate                   2. as voice_migrator, once for every version of the worker
--     psql -v ON_ERROR_STOP=1 -d app -f roles.sql      3. gives voice_worker its rights on what was made by 2
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
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE oid = owner) THEN
        RAISE EXCEPTION 'business belongs to a superuser, and so would voice_migrator become one'
            USING HINT = 'ALTER TABLE business OWNER TO a role of the application first.';
    END IF;
    EXECUTE format('GRANT %s TO voice_migrator', owner);
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO voice_migrator', current_database());
END $$;
GRANT USAGE ON SCHEMA public TO voice_migrator;
-- Optional: lets the migrator say for how long somebody who is in its way has had the transaction open.
-- GRANT pg_read_all_stats TO voice_migrator;

-- The worker reads voices and changes them. All other columns and tables of the application are none of its business:
-- that the critical columns exist is read from the catalog.
DO $$ BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO voice_worker', current_database());
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'public.business'::regclass AND attname = 'voice_id' AND NOT attisdropped) THEN
        GRANT SELECT (id, voice_id), UPDATE (voice_id) ON public.business TO voice_worker;
    END IF;
END $$;
GRANT USAGE ON SCHEMA public TO voice_worker;

-- Its own tables. The worker adds to what was decided and to the audit trail, and can neither change nor delete.
DO $$ BEGIN
    IF to_regclass('voice.outbox') IS NULL OR to_regclass('voice_audit.mt_events') IS NULL THEN
        RAISE NOTICE 'Next: migrate as voice_migrator, then run this file again.';
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA voice, voice_audit TO voice_worker;
    GRANT SELECT ON voice.schema_history, voice.retention TO voice_worker;
    GRANT SELECT, INSERT ON voice.call_voice, voice.business_voice_change TO voice_worker;
    GRANT SELECT, INSERT, DELETE ON voice.outbox TO voice_worker;
    GRANT SELECT, UPDATE (published_seq, updated_at) ON voice.relay_checkpoint TO voice_worker;
    -- It writes the audit event of a migration that was killed just before.
    GRANT SELECT, UPDATE (completed_at) ON voice.migration_run TO voice_worker;
    GRANT SELECT, INSERT ON voice_audit.mt_events TO voice_worker;
    GRANT SELECT, INSERT, UPDATE (version, timestamp) ON voice_audit.mt_streams TO voice_worker;
    GRANT USAGE ON SEQUENCE voice_audit.mt_events_sequence TO voice_worker;
END $$;
-- Optional: lets the worker remove what is older than Retention:* says, and nothing younger than a day.
-- GRANT EXECUTE ON FUNCTION voice.remove_decisions, voice.remove_events TO voice_worker;
