-- +goose Up
-- A window's dashboard reads the window's open cases, which are few, and not its county's. None of these columns changes with an act.
CREATE INDEX cases_at_window ON cases (rated_window, closed_at, area);
