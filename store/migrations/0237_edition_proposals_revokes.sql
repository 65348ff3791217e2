-- +goose Up
-- The edition that is to be revoked before its day, '' where the proposal is for an edition of its own.
ALTER TABLE edition_proposals ADD COLUMN revokes VARCHAR(64) NOT NULL DEFAULT '';
