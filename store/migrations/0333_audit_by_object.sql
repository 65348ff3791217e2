-- +goose Up
-- When was this rater's contact opened? Asked on each reading of a receipt's page.
CREATE INDEX audit_by_object ON audit (object_kind, object_id);
