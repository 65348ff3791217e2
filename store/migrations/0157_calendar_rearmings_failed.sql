-- +goose Up
-- How many cases the present pass could not count again; it is gone through once more until there is none.
ALTER TABLE calendar_rearmings ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
