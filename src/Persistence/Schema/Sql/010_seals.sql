-- Behind the last seal may come a HistoryLost: the chain of hashes goes on from that, roots from the seal. version and
-- hash are of the last event that was removed of a stream, seal_version and seal of the last seal.
ALTER TABLE voice.removed_head ADD COLUMN IF NOT EXISTS seal_version bigint;
UPDATE voice.removed_head SET seal_version = version WHERE seal IS NOT NULL AND seal_version IS NULL;

-- Up to where everything is sealed, or never will be because it is from before the first seal and the hashes: what the
-- next seal covers lies behind (SealWriter asks the same).
CREATE OR REPLACE FUNCTION voice.sealed_seq() RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    sealed bigint;
BEGIN
    SELECT seq_id INTO sealed FROM voice_audit.mt_events
        WHERE stream_id = 'seals' AND type = 'trail_sealed' ORDER BY version DESC LIMIT 1;
    IF sealed IS NULL
       AND NOT EXISTS (SELECT FROM voice.removed_head WHERE stream = 'seals' AND seal_version IS NOT NULL) THEN
        SELECT seq_id INTO sealed FROM voice_audit.mt_events
            WHERE headers ->> 'hash' IS NULL AND stream_id <> 'mt_tombstone' ORDER BY seq_id DESC LIMIT 1;
    END IF;
    RETURN COALESCE(sealed, 0);
END $$;

-- As before, and never an event that no seal covers yet: the next one would be of what is left.
CREATE OR REPLACE FUNCTION voice.next_expired(
    of_store text, keep interval, clock timestamptz, page integer,
    OUT after_seq bigint, OUT last_seq bigint, OUT passed bigint, OUT until timestamptz)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    before timestamptz := LEAST(clock, now()) - GREATEST(keep, interval '1 day');
    ceiling bigint;
BEGIN
    passed := 0;
    SELECT removed_seq INTO after_seq FROM voice.retention WHERE store = of_store FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Never an event that is not published, nor one whose decisions are still to be removed.
    SELECT published_seq INTO ceiling FROM voice.relay_checkpoint WHERE id = 1;
    IF of_store = 'audit' THEN
        ceiling := LEAST(
            ceiling, (SELECT removed_seq FROM voice.retention WHERE store = 'decisions'), voice.sealed_seq());
    END IF;
    WITH next AS MATERIALIZED (
        SELECT seq_id, timestamp FROM voice_audit.mt_events
        WHERE seq_id > after_seq AND seq_id <= ceiling ORDER BY seq_id LIMIT page
    )
    SELECT count(*), max(seq_id), max(timestamp) INTO passed, last_seq, until
    FROM next WHERE seq_id < COALESCE((SELECT min(seq_id) FROM next WHERE timestamp >= before), ceiling + 1);
END $$;

-- As before, and keeps the last seal also where a HistoryLost is removed behind it.
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
        RETURNING stream_id, version, headers ->> 'hash' AS hash, CASE WHEN type = 'trail_sealed' THEN data END AS seal
    ), kept AS (
        INSERT INTO voice.removed_head AS head (stream, version, hash, seal_version, seal)
        SELECT last.stream_id, last.version, last.hash, sealed.version, sealed.seal
        FROM (SELECT DISTINCT ON (stream_id) stream_id, version, hash
              FROM gone WHERE stream_id <> 'mt_tombstone' ORDER BY stream_id, version DESC) AS last
        LEFT JOIN (SELECT DISTINCT ON (stream_id) stream_id, version, seal
                   FROM gone WHERE seal IS NOT NULL ORDER BY stream_id, version DESC) AS sealed USING (stream_id)
        ON CONFLICT (stream) DO UPDATE SET
            version = excluded.version, hash = excluded.hash,
            seal_version = COALESCE(excluded.seal_version, head.seal_version),
            seal = COALESCE(excluded.seal, head.seal)
            WHERE head.version < excluded.version
    )
    SELECT count(*) FILTER (WHERE stream_id <> 'mt_tombstone') INTO removed FROM gone;
    PERFORM voice.note_removed('audit', expired.last_seq, until, removed);
END $$;

REVOKE ALL ON FUNCTION voice.sealed_seq, voice.next_expired, voice.remove_events FROM PUBLIC;
