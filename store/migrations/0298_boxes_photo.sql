-- +goose Up
-- The picture of a box at its place (6(2), R13): the digest of its file, '' while there is none.
ALTER TABLE boxes ADD COLUMN photo VARCHAR(64) NOT NULL DEFAULT '';
