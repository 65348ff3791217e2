-- +goose Up
-- An auditor's list of an area, newest first.
CREATE INDEX audit_by_area ON audit (area, id);
