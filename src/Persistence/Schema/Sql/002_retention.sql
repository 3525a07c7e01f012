-- How far what is older than Retention:* has been removed, as mt_events.seq_id: the event store has what was recorded
-- when, in order, so that everything is found by a primary key and no table needs an index for it. decisions: rows of
-- call_voice and business_voice_change whose events are up to removed_seq. audit: the events themselves.
CREATE TABLE IF NOT EXISTS voice.retention (
    store         text        PRIMARY KEY CHECK (store IN ('decisions', 'audit')),
    removed_seq   bigint      NOT NULL DEFAULT 0,
    removed_until timestamptz,
    removed_rows  bigint      NOT NULL DEFAULT 0,
    updated_at    timestamptz
);
INSERT INTO voice.retention (store) VALUES ('decisions'), ('audit') ON CONFLICT DO NOTHING;

-- The next events of a store that are older than the window, at most a page: those after what has been removed and
-- before the first that is kept. Neither clock alone decides, and a day is always kept. The row keeps others out; the
-- second finds nothing to do.
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
    SELECT LEAST(
        published_seq, (SELECT removed_seq FROM voice.retention WHERE of_store = 'audit' AND store = 'decisions'))
        INTO ceiling FROM voice.relay_checkpoint WHERE id = 1;
    WITH next AS MATERIALIZED (
        SELECT seq_id, timestamp FROM voice_audit.mt_events
        WHERE seq_id > after_seq AND seq_id <= ceiling ORDER BY seq_id LIMIT page
    )
    SELECT count(*), max(seq_id), max(timestamp) INTO passed, last_seq, until
    FROM next WHERE seq_id < COALESCE((SELECT min(seq_id) FROM next WHERE timestamp >= before), ceiling + 1);
END $$;

CREATE OR REPLACE FUNCTION voice.note_removed(of_store text, up_to bigint, until timestamptz, rows bigint)
RETURNS void LANGUAGE sql AS $$
    UPDATE voice.retention
    SET removed_seq = up_to, removed_until = until, removed_rows = removed_rows + rows, updated_at = now()
    WHERE store = of_store
$$;

-- Removes the decisions of a page of events. They are deleted by key and with the event's own id: a call that came
-- again after its window, and was decided anew, has another. The planner is made to use keys, whatever it knows of the
-- tables or knew of them earlier.
CREATE OR REPLACE FUNCTION voice.remove_decisions(
    keep interval, clock timestamptz, page integer, OUT passed bigint, OUT removed bigint, OUT until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    expired record;
BEGIN
    SELECT * INTO expired FROM voice.next_expired('decisions', keep, clock, page);
    passed := expired.passed;
    removed := 0;
    until := expired.until;
    IF passed = 0 THEN
        RETURN;
    END IF;
    WITH told AS MATERIALIZED (
        SELECT id, type, data FROM voice_audit.mt_events WHERE seq_id > expired.after_seq AND seq_id <= expired.last_seq
    ), calls AS (
        DELETE FROM voice.call_voice AS call USING told
        WHERE told.type = 'call_voice_resolved' AND call.call_id = told.data->>'callId' AND call.event_id = told.id
        RETURNING 1
    ), rejections AS (
        DELETE FROM voice.business_voice_change AS change USING told
        WHERE told.type = 'business_voice_change_rejected' AND change.event_id = told.id
          AND change.business_id = (told.data->>'businessId')::integer
          AND change.changed_at = (told.data->>'changedAt')::timestamptz AND change.voice_id = told.data->>'voiceId'
        RETURNING 1
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (business_id) business_id, changed_at, voice_id
        FROM (SELECT (data->>'businessId')::integer, (data->>'changedAt')::timestamptz, data->>'voiceId' COLLATE "C"
              FROM told WHERE type = 'business_voice_updated') AS made (business_id, changed_at, voice_id)
        ORDER BY business_id, changed_at DESC, voice_id DESC
    ), updates AS (
        -- Changes that were made have been made in this order, so all before an old one are old. The latest old one
        -- stays: it may be what stands, and then decides which change is the later one. Its successor takes it away.
        DELETE FROM voice.business_voice_change AS change USING latest
        WHERE change.outcome = 'updated' AND change.business_id = latest.business_id
          AND (change.changed_at, change.voice_id) < (latest.changed_at, latest.voice_id)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM calls) + (SELECT count(*) FROM rejections) + (SELECT count(*) FROM updates)
        INTO removed;
    PERFORM voice.note_removed('decisions', expired.last_seq, until, removed);
END $$;

-- Removes a page of events. mt_streams keeps the versions: sequences go on and none is used again. removed_rows does
-- not count what Marten marks broken appends with, which is in no sequence.
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
        RETURNING stream_id
    )
    SELECT count(*) FILTER (WHERE stream_id <> 'mt_tombstone') INTO removed FROM gone;
    PERFORM voice.note_removed('audit', expired.last_seq, until, removed);
END $$;

-- A role that may call these two needs no right to delete anything: they are the only way, and they enforce the rules
-- above.
REVOKE ALL ON FUNCTION voice.next_expired, voice.note_removed, voice.remove_decisions, voice.remove_events FROM PUBLIC;
