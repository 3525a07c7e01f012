-- The way back from migration 58. It is never run by the worker: the legacy application maps business.voice_id, so every
-- query of it fails with UndefinedColumn once the column is gone, and the voices that were chosen are lost.
-- Stop the worker first, or its next start brings the column back.
SET lock_timeout = '3s';
-- The triggers of Changes:Direct=Capture, which hold the column.
DROP TRIGGER IF EXISTS aaa_voice_id_updated ON business;
DROP TRIGGER IF EXISTS aaa_voice_id_inserted ON business;
DROP FUNCTION IF EXISTS voice.record_direct_change();
ALTER TABLE business DROP COLUMN voice_id;

-- The worker's own data: calls, changes, outbox and the whole audit trail. Only when the worker goes for good.
-- DROP SCHEMA voice CASCADE;
-- DROP SCHEMA voice_audit CASCADE;
