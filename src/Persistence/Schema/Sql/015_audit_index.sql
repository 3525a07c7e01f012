-- Few events are no calls, and they are looked for among all: which change gave a call its voice. Where the event store
-- is made after this, it gets the index then.
DO $$ BEGIN
    IF to_regclass('voice_audit.mt_events') IS NOT NULL THEN
        CREATE INDEX IF NOT EXISTS audit_changes ON voice_audit.mt_events (stream_id, version)
            WHERE type <> 'call_voice_resolved';
    END IF;
END $$;
