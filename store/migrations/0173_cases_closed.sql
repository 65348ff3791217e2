-- +goose Up
-- Closed cases by the instant of closing, from which retention counts.
CREATE INDEX cases_closed ON cases (closed_at);
