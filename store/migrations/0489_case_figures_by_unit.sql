-- +goose Up
-- What is asked for of one unit.
CREATE INDEX case_figures_by_unit ON case_figures (given_month, unit_id);
