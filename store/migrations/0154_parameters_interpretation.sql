-- +goose Up
-- The number of the interpretation on which a value rests, '' where the regulation is silent.
ALTER TABLE parameters ADD COLUMN interpretation VARCHAR(100) NOT NULL DEFAULT '';
