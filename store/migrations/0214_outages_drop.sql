-- +goose Up
-- Its rows stand in outages_of_cases, which takes its name.
DROP TABLE outages;
