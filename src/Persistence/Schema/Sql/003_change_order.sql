-- A change cannot have been made later than it was recorded: least(changed_at, decided_at) orders the changes of a
-- business, and frees those whose latest has a time that lies ahead.
CREATE INDEX IF NOT EXISTS business_voice_change_latest
    ON voice.business_voice_change (business_id, least(changed_at, decided_at) DESC, voice_id DESC)
    WHERE outcome = 'updated';
DROP INDEX IF EXISTS voice.business_voice_change_standing;

-- doctor finds them by it.
CREATE INDEX IF NOT EXISTS business_voice_change_ahead
    ON voice.business_voice_change (decided_at) WHERE changed_at > decided_at;

-- As before, by the same order.
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
        SELECT DISTINCT ON (business_id) business_id, instant, voice_id
        FROM (SELECT (data->>'businessId')::integer,
                     least((data->>'changedAt')::timestamptz, (data->>'occurredAt')::timestamptz),
                     data->>'voiceId' COLLATE "C"
              FROM told WHERE type = 'business_voice_updated') AS made (business_id, instant, voice_id)
        ORDER BY business_id, instant DESC, voice_id DESC
    ), updates AS (
        -- Changes that were made have been made in this order, so all before an old one are old. The latest old one
        -- stays: it may be what stands, and then decides which change is the later one. Its successor takes it away.
        DELETE FROM voice.business_voice_change AS change USING latest
        WHERE change.outcome = 'updated' AND change.business_id = latest.business_id
          AND (least(change.changed_at, change.decided_at), change.voice_id) < (latest.instant, latest.voice_id)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM calls) + (SELECT count(*) FROM rejections) + (SELECT count(*) FROM updates)
        INTO removed;
    PERFORM voice.note_removed('decisions', expired.last_seq, until, removed);
END $$;
