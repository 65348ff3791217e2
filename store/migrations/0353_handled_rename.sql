-- +goose Up
-- The table with reports under the name of the former one.
ALTER TABLE handled RENAME TO projects;
