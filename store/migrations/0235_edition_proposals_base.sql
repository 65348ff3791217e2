-- +goose Up
-- The edition that the proposal changes: what is not among its changes stays as it is there.
ALTER TABLE edition_proposals ADD COLUMN base VARCHAR(64) NOT NULL DEFAULT '';
