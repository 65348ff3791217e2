-- +goose Up
-- How often a turn was begun: one whose process ended is taken up again, but not for ever.
ALTER TABLE verifications ADD COLUMN tries BIGINT NOT NULL DEFAULT 1;
