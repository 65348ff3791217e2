-- +goose Up
-- Lists of cases, the newest first.
CREATE INDEX cases_by_opening ON cases (opened_at, id);
