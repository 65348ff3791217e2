-- +goose Up
-- The key of that digest.
ALTER TABLE projects ADD COLUMN applicant_key VARCHAR(64) NOT NULL DEFAULT '';
