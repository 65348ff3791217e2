-- +goose Up
-- What waits to be recorded, the oldest first.
CREATE INDEX acts_pending ON acts (status, received_at);
