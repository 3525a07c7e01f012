-- An event is parsed once, where it is written, and moves into the event store as it is. Nothing looks one up by its
-- id, which its cause gives to it alone.
ALTER TABLE voice.outbox DROP CONSTRAINT IF EXISTS outbox_event_id_key;
ALTER TABLE voice.outbox ALTER COLUMN body TYPE jsonb USING body::jsonb;
