-- +goose Up
-- The earlier probes into somebody.
CREATE INDEX probes_by_suspect ON probes (kind, object_id, started_at);
