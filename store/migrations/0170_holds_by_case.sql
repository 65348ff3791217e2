-- +goose Up
-- Whether a case is held: asked for every case that a deletion looks at.
CREATE INDEX holds_by_case ON holds (case_id, lifted_at);
