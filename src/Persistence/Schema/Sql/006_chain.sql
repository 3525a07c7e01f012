-- The hash of an event: over that of the event before in its stream and the event itself (docs/messages.md). As an
-- aggregate over a window it runs through the new events of a stream, from seed, the hash of the last one that is
-- there. Where there is none, or somebody has put another text in its place, 32 zero bytes stand for it.
CREATE OR REPLACE FUNCTION voice.next_hash(previous bytea, seed text, event text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF previous IS NULL THEN
        previous := decode(CASE WHEN seed ~ '^[0-9a-f]{64}$' THEN seed ELSE repeat('0', 64) END, 'hex');
    END IF;
    RETURN sha256(previous || convert_to(event, 'UTF8'));
END $$;

CREATE OR REPLACE AGGREGATE voice.chain(seed text, event text) (
    SFUNC = voice.next_hash, STYPE = bytea, PARALLEL = SAFE
);

-- Of each stream the last event that retention has removed: the next one goes on from its hash, NULL for an event of an
-- earlier version. seal has the body of a seal, whose root the next seal goes on from.
CREATE TABLE IF NOT EXISTS voice.removed_head (
    stream  text    PRIMARY KEY,
    version bigint  NOT NULL,
    hash    text,
    seal    jsonb
);

-- As before, and keeps what the chain goes on from.
CREATE OR REPLACE FUNCTION voice.remove_events(
    keep interval, clock timestamptz, page integer, OUT passed bigint, OUT removed bigint, OUT until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    expired record;
BEGIN
    SELECT * INTO expired FROM voice.next_expired('audit', keep, clock, page);
    passed := expired.passed;
    removed := 0;
    until := expired.until;
    IF passed = 0 THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM voice_audit.mt_events WHERE seq_id > expired.after_seq AND seq_id <= expired.last_seq
        RETURNING stream_id, version, headers, CASE WHEN type = 'trail_sealed' THEN data END AS seal
    ), kept AS (
        INSERT INTO voice.removed_head AS head (stream, version, hash, seal)
        SELECT DISTINCT ON (stream_id) stream_id, version, headers ->> 'hash', seal
        FROM gone WHERE stream_id <> 'mt_tombstone' ORDER BY stream_id, version DESC
        ON CONFLICT (stream) DO UPDATE SET version = excluded.version, hash = excluded.hash, seal = excluded.seal
            WHERE head.version < excluded.version
    )
    SELECT count(*) FILTER (WHERE stream_id <> 'mt_tombstone') INTO removed FROM gone;
    PERFORM voice.note_removed('audit', expired.last_seq, until, removed);
END $$;
REVOKE ALL ON FUNCTION voice.remove_events FROM PUBLIC;

-- Events that are there by now have no hash: the next start writes SchemaMigrated, which says so in the trail.
DO $$
DECLARE
    has_events boolean := false;
BEGIN
    IF to_regclass('voice_audit.mt_events') IS NOT NULL THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM voice_audit.mt_events)' INTO has_events;
    END IF;
    IF has_events AND NOT EXISTS (SELECT FROM voice.migration_run WHERE migration = 'chain') THEN
        INSERT INTO voice.migration_run (run_id, migration, started_at, steps)
            VALUES (gen_random_uuid(), 'chain', now(), ARRAY['BeginChain']);
    END IF;
END $$;
