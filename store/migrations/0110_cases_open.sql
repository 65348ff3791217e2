-- +goose Up
-- Every open case, for rehydration of the engine.
CREATE INDEX cases_open ON cases (closed_at, id);
