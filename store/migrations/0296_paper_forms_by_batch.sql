-- +goose Up
-- A batch's forms, by what became of them.
CREATE INDEX paper_forms_by_batch ON paper_forms (batch_id, state);
