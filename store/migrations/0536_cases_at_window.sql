-- +goose Up
-- A window's dashboard reads the window's open cases, which are few, and not its county's. Few acts change one of these columns: a closing, a reattribution.
CREATE INDEX cases_at_window ON cases (rated_window, closed_at, area);
