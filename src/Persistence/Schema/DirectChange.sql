-- A voice that the application wrote itself, in its own transaction: recorded and told as one that came by message. Its
-- own errors fail nothing: what it cannot record it leaves to those who compare the stored voices with the history.
CREATE OR REPLACE FUNCTION voice.record_direct_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- An ALTER of the worker's tables delays the application for so long and no longer.
SET lock_timeout = '200ms' AS $record$
DECLARE
    standing record;
    previous text;
    is_outside boolean := false;
    who text;
    instant timestamptz;
    event uuid;
BEGIN
    IF (NEW.id BETWEEN 1 AND 2147483647) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    SELECT least(changed_at, decided_at) AS instant, lower(btrim(voice_id)) AS voice,
           xmin = pg_current_xact_id()::xid AS is_own INTO standing
    FROM voice.business_voice_change WHERE business_id = NEW.id::integer AND outcome = 'updated'
    ORDER BY least(changed_at, decided_at) DESC, voice_id DESC LIMIT 1;
    -- The worker records a change before it makes it, in one transaction, and nobody else can record one. What an
    -- INSERT brings back is told already.
    IF standing.voice = lower(btrim(NEW.voice_id)) AND (standing.is_own OR TG_OP = 'INSERT') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        previous := OLD.voice_id;
        is_outside := coalesce(standing.voice <> lower(btrim(coalesce(previous, ''))), false);
    END IF;
    -- Cut first: a text of megabytes would cost as much for each row, and a greater one would fail.
    who := btrim(regexp_replace(left(current_setting('voice.changed_by', true), 1024), '[[:cntrl:]]', '', 'g'));
    IF getdatabaseencoding() = 'UTF8' THEN
        who := regexp_replace(who, concat('[',
            $set$\u0080-\u009F\u00AD\u0600-\u0605\u061C\u06DD\u070F\u0890\u0891\u08E2\u180E$set$,
            $set$\u200B-\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB$set$, ']'), '', 'g');
    END IF;
    who := coalesce(nullif(btrim(left(btrim(who), 128)), ''), 'db:' || session_user);
    -- It says who the application is to itself, and passes neither for an operator nor for another role.
    IF who <> 'db:' || session_user AND who ~* '^[^[:alnum:]]*(operator|db)[^[:alnum:]]*:' THEN
        who := left(concat('db:', session_user, ' as ', who), 128);
    END IF;
    -- The latest of the business, whatever the clocks say: what is stored stands.
    instant := greatest(clock_timestamp(), standing.instant + interval '1 microsecond');
    LOOP
        -- UUID version 7: 48 bits of milliseconds, the version, the rest of a random one.
        event := encode(overlay(uuid_send(gen_random_uuid()) PLACING
            substring(int8send(floor(extract(epoch FROM instant) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 'hex');
        event := overlay(event::text PLACING '7' FROM 15);
        INSERT INTO voice.business_voice_change (business_id, changed_at, voice_id, changed_by, outcome,
                                                 previous_voice_id, event_id, decided_at, changed_outside)
        VALUES (NEW.id::integer, instant, NEW.voice_id, who, 'updated', previous, event, instant, is_outside)
        ON CONFLICT (business_id, changed_at, voice_id) DO NOTHING;
        EXIT WHEN FOUND;
        instant := instant + interval '1 microsecond';
    END LOOP;
    INSERT INTO voice.outbox (event_id, stream, type, body)
    SELECT event, format('business-%s', NEW.id::integer), 'BusinessVoiceUpdated', format(
        '{"occurredAt":%1$s,"businessId":%2$s,"previousVoiceId":%3$s,"voiceId":%4$s,"changedAt":%1$s,'
        '"changedBy":%5$s%6$s}',
        told, NEW.id::integer, coalesce(to_json(previous)::text, 'null'), to_json(NEW.voice_id::text), to_json(who),
        CASE WHEN is_outside THEN ',"changedOutside":true' END)::json
    FROM to_json(to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) AS told;
    -- No NOTIFY: with it the COMMIT would wait for all others that notify. The relay finds the event at its next poll.
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- Nothing of the row: its columns may have other names by now, and nothing guards what is written here.
    RAISE LOG 'a change of voice in % is not recorded: % (%)', TG_TABLE_NAME, SQLERRM, SQLSTATE;
    RETURN NULL;
END $record$;
REVOKE ALL ON FUNCTION voice.record_direct_change() FROM PUBLIC;
