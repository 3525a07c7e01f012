-- What operators did is asked for by time, the latest first.
CREATE INDEX IF NOT EXISTS operator_action_acted ON voice.operator_action (acted_at, action_id);
