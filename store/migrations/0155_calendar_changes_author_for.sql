-- +goose Up
-- In whose place the author proposed, '' for nobody: neither of the two reviews the notice.
ALTER TABLE calendar_changes ADD COLUMN author_for VARCHAR(64) NOT NULL DEFAULT '';
