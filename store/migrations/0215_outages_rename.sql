-- +goose Up
-- The table with cases in its key under the name of the former one.
ALTER TABLE outages_of_cases RENAME TO outages;
