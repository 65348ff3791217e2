-- +goose Up
-- Dashboards tell how long open cases stand and what is due next, by place: read from this index alone, since a case's own
-- row carries its whole state.
CREATE INDEX cases_standing ON cases (closed_at, area, unit_id, rated_unit, phase, opened_at, next_due);
