-- Every act of an operator: written once, by whoever runs the verb, never changed and never removed. Its event, in the
-- stream operators, has the same id.
CREATE TABLE IF NOT EXISTS voice.operator_action (
    action_id uuid         PRIMARY KEY,
    acted_at  timestamptz  NOT NULL,
    operator  varchar(119) NOT NULL CHECK (operator <> ''),
    verb      text         NOT NULL,
    filter    jsonb        NOT NULL CHECK (jsonb_typeof(filter) = 'object'),
    counts    jsonb        NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
    result    text         NOT NULL CHECK (result IN ('done', 'incomplete', 'rejected', 'interrupted', 'failed')),
    note      varchar(500)
);
