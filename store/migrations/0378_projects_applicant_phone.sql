-- +goose Up
-- Keyed digest of the telephone with which the matter was applied for, '' where it is not known: a rating that
-- leaves another one may have been given by somebody else (R48).
ALTER TABLE projects ADD COLUMN applicant_phone VARCHAR(64) NOT NULL DEFAULT '';
