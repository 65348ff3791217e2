-- +goose Up
-- What was declared so far was of the whole system.
INSERT INTO outages_of_cases (case_id, from_at, until_at, reason, author) SELECT '', from_at, until_at, reason, author FROM outages;
