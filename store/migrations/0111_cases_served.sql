-- +goose Up
-- What the rated side was told, newest first (R57).
CREATE INDEX cases_served ON cases (rated_unit, served_at, id);
