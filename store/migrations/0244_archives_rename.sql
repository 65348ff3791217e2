-- +goose Up
-- The table with documents in its key under the name of the former one.
ALTER TABLE archives_with_papers RENAME TO archives;
