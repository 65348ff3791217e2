-- +goose Up
-- What one person did.
CREATE INDEX audit_by_person ON audit (person, id);
