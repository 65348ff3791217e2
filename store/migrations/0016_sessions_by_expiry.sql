-- +goose Up
-- The sweep of what has expired.
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
