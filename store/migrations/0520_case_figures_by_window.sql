-- +goose Up
-- What is asked for of one window.
CREATE INDEX case_figures_by_window ON case_figures (given_month, window_id);
