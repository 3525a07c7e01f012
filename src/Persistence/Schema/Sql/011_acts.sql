-- The one way for an operator's own role to record an act: it writes the row and its event, and nothing that no act can
-- be, which would stop the trail. Id and time are the database's. Who may write both by himself is believed when he
-- says who acts; anybody else is named by the role that he signed in with.
CREATE OR REPLACE FUNCTION voice.record_act(
    name text, verb text, filter jsonb, counts jsonb, result text, note text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    instant timestamptz := clock_timestamp();
    act uuid;
    told json;
    -- In this order: what an object has in it can be asked of an object.
    broken text := CASE
        WHEN (btrim(name) <> '' AND length(name) <= 119 AND name !~ '[[:cntrl:]]') IS NOT TRUE
            THEN 'operator: 1-119 printable characters'
        WHEN (btrim(verb) <> '' AND length(verb) <= 100 AND verb !~ '[[:cntrl:]]') IS NOT TRUE
            THEN 'verb: 1-100 printable characters'
        WHEN (jsonb_typeof(filter) = 'object') IS NOT TRUE
                OR EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(filter) WHEN 'object' THEN filter END) AS one
                           WHERE jsonb_typeof(one.value) <> 'string')
            THEN 'filter: an object of texts'
        WHEN (jsonb_typeof(counts) = 'object') IS NOT TRUE
                OR EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(counts) WHEN 'object' THEN counts END) AS one
                           WHERE one.value::text !~ '^[0-9]{1,18}$')
            THEN 'counts: an object of integers from 0, of 18 digits at most'
        WHEN (result IN ('done', 'incomplete', 'rejected', 'interrupted', 'failed')) IS NOT TRUE
            THEN 'result: done, incomplete, rejected, interrupted or failed'
        WHEN length(note) > 500 OR note ~ '[[:cntrl:]]' THEN 'note: NULL, or at most 500 printable characters'
        END;
BEGIN
    IF broken IS NULL AND NOT (has_table_privilege(session_user, 'voice.operator_action', 'INSERT')
                               AND has_table_privilege(session_user, 'voice.outbox', 'INSERT')) THEN
        -- The first of it is true, whatever comes behind.
        name := left(concat('db:', session_user, ' as ', name), 119);
    END IF;
    told := json_build_object(
        'occurredAt', to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'operator', name,
        'verb', verb, 'filter', filter, 'counts', counts, 'result', result, 'note', note);
    IF octet_length(told::text) > 65536 THEN
        broken := coalesce(broken, 'the event: at most 65536 bytes');
    END IF;
    IF broken IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'no such act can be recorded: ' || broken;
    END IF;
    -- UUID version 7: 48 bits of milliseconds, the version, the rest of a random one.
    act := encode(overlay(uuid_send(gen_random_uuid()) PLACING
        substring(int8send(floor(extract(epoch FROM instant) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 'hex');
    act := overlay(act::text PLACING '7' FROM 15);
    INSERT INTO voice.operator_action (action_id, acted_at, operator, verb, filter, counts, result, note)
    VALUES (act, instant, name, verb, filter, counts, result, note);
    INSERT INTO voice.outbox (event_id, stream, type, body) VALUES (act, 'operators', 'OperatorActed', told);
    PERFORM pg_notify('voice_outbox', '');
    RETURN act;
END $$;
REVOKE ALL ON FUNCTION voice.record_act FROM PUBLIC;
