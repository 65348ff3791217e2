-- +goose Up
-- case_figures_by_staff begins with the same columns.
DROP INDEX case_figures_by_unit ON case_figures;
