-- Queues that are not to be consumed, by anybody: a row is an order, and stands until an operator takes it back. Each
-- worker looks here several times a second.
CREATE TABLE IF NOT EXISTS voice.queue_pause (
    queue     text        PRIMARY KEY CHECK (queue <> ''),
    paused_at timestamptz NOT NULL,
    paused_by text        NOT NULL,
    note      text
);
-- What an operator asks of one worker, and what it tells of its consuming. A worker of an earlier version leaves all of
-- it as it is, so that nothing told is no zero.
ALTER TABLE voice.worker
    -- An order: the worker's own writes leave it alone.
    ADD COLUMN IF NOT EXISTS is_draining    boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS paused         text[],
    ADD COLUMN IF NOT EXISTS drained        boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS in_flight      integer CHECK (in_flight >= 0),
    -- Of the time since the row was written before; without a reply only their count is known.
    ADD COLUMN IF NOT EXISTS replies        bigint CHECK (replies >= 0),
    ADD COLUMN IF NOT EXISTS replies_p50_ms double precision CHECK (replies_p50_ms >= 0),
    ADD COLUMN IF NOT EXISTS replies_p99_ms double precision CHECK (replies_p99_ms >= 0),
    ADD COLUMN IF NOT EXISTS fallback_share double precision CHECK (fallback_share BETWEEN 0 AND 1);
