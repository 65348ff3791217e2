-- +goose Up
-- Where a case stands.
CREATE INDEX bulletin_cases_by_case ON bulletin_cases (case_id);
