-- +goose Up
-- What is on the way, and what waits for its owner: asked every other second.
CREATE INDEX export_states_by_state ON export_states (state);
