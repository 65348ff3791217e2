-- +goose Up
-- The page opens with the agent's latest call.
CREATE INDEX calls_by_agent ON calls (agent, began_at);
