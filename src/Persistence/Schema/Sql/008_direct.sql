-- Whether the voice that a decision found was not what the change that stood had left: the application had written it
-- itself, and no event told of it.
ALTER TABLE voice.business_voice_change ADD COLUMN IF NOT EXISTS changed_outside boolean NOT NULL DEFAULT false;
