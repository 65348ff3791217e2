-- +goose Up
-- The same of a unit's.
CREATE INDEX ratings_by_unit ON ratings (unit_id, received_at, given_at, grade);
