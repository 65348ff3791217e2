-- +goose Up
-- Under what a finding was reported, '' while it was not: a known one raises no alarm.
ALTER TABLE verification_findings ADD COLUMN known VARCHAR(64) NOT NULL DEFAULT '';
