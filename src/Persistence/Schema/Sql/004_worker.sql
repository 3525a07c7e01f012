-- A row for each worker that runs, written by itself every Observability:Interval: what one screen tells of all of
-- them, whichever leads. A worker that has not written until gone_at is taken for gone. Nothing decides by it.
CREATE TABLE IF NOT EXISTS voice.worker (
    worker_id        uuid             PRIMARY KEY,
    host             text             NOT NULL,
    version          text             NOT NULL,
    started_at       timestamptz      NOT NULL,
    seen_at          timestamptz      NOT NULL,
    gone_at          timestamptz      NOT NULL CHECK (gone_at > seen_at),
    is_leader        boolean          NOT NULL,
    is_ready         boolean          NOT NULL,
    calls_per_second double precision NOT NULL CHECK (calls_per_second >= 0),
    held             text
) WITH (fillfactor = 50);
