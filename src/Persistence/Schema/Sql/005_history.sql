-- Which history the checkpoint belongs to: the database and the timeline of the leader that wrote it last. A leader
-- that finds itself on another one compares what was published with what is here before it gives a sequence.
ALTER TABLE voice.relay_checkpoint
    ADD COLUMN IF NOT EXISTS history_database text,
    ADD COLUMN IF NOT EXISTS history_timeline integer;
