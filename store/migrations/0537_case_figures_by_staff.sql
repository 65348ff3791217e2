-- +goose Up
-- What is asked for of one member of staff, who is of one unit.
CREATE INDEX case_figures_by_staff ON case_figures (given_month, unit_id, staff_id);
