-- +goose Up
-- In whose place the author proposed, '' for nobody: neither of the two reviews the edition.
ALTER TABLE edition_proposals ADD COLUMN author_for VARCHAR(64) NOT NULL DEFAULT '';
