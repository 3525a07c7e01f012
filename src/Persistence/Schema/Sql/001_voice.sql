-- Everything the worker keeps for itself, besides the event store (schema voice_audit).
CREATE SCHEMA IF NOT EXISTS voice;

CREATE TABLE IF NOT EXISTS voice.schema_history (
    name        text        PRIMARY KEY,
    applied_at  timestamptz NOT NULL DEFAULT now()
);

-- The inbox of CallStarted: one row per call, written once, never changed.
CREATE TABLE IF NOT EXISTS voice.call_voice (
    call_id         varchar(64) PRIMARY KEY,
    business_id     integer     NOT NULL CHECK (business_id > 0),
    started_at      timestamptz NOT NULL,
    voice_id        varchar(32) NOT NULL,
    source          text        NOT NULL,
    reason          text        NOT NULL,
    stored_voice_id text,
    event_id        uuid        NOT NULL,
    decided_at      timestamptz NOT NULL,
    CHECK ((source = 'business' AND reason = 'businessVoice') OR (source = 'default'
        AND reason IN ('unknownBusiness', 'noVoice', 'unsupportedVoice', 'databaseUnavailable')))
);

-- The inbox of BusinessVoiceChanged, and what decides which of two changes is the later one.
CREATE TABLE IF NOT EXISTS voice.business_voice_change (
    business_id       integer      NOT NULL CHECK (business_id > 0),
    changed_at        timestamptz  NOT NULL,
    voice_id          varchar(32)  COLLATE "C" NOT NULL,
    changed_by        varchar(128),
    outcome           text         NOT NULL
        CHECK (outcome IN ('updated', 'unknownBusiness', 'unsupportedVoice', 'superseded')),
    previous_voice_id text,
    event_id          uuid         NOT NULL,
    decided_at        timestamptz  NOT NULL,
    PRIMARY KEY (business_id, changed_at, voice_id)
);

-- The change that stands is the greatest (changed_at, voice_id) of those made: one index probe per business.
CREATE INDEX IF NOT EXISTS business_voice_change_standing
    ON voice.business_voice_change (business_id, changed_at DESC, voice_id DESC) WHERE outcome = 'updated';

-- Filled by consumers, emptied by the one relay: a queue, so vacuum must not wait for a share of its size.
CREATE TABLE IF NOT EXISTS voice.outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL UNIQUE,
    stream       text        NOT NULL,
    type         text        NOT NULL,
    body         json        NOT NULL,
    trace_parent text,
    created_at   timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

-- How far the event store has been published, as mt_events.seq_id.
CREATE TABLE IF NOT EXISTS voice.relay_checkpoint (
    id            integer     PRIMARY KEY CHECK (id = 1),
    published_seq bigint      NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
);
INSERT INTO voice.relay_checkpoint (id, published_seq) VALUES (1, 0) ON CONFLICT DO NOTHING;

-- A migration from its first step to its audit event; what is still open after a crash is finished by the next start.
CREATE TABLE IF NOT EXISTS voice.migration_run (
    run_id          uuid        PRIMARY KEY,
    migration       text        NOT NULL,
    started_at      timestamptz NOT NULL,
    steps           text[]      NOT NULL DEFAULT '{}',
    rows_backfilled bigint      NOT NULL DEFAULT 0,
    completed_at    timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS migration_run_open ON voice.migration_run (migration) WHERE completed_at IS NULL;
