-- +goose Up
-- Somebody's exports, the newest first.
CREATE INDEX exports_by_person ON exports (person, asked_at);
