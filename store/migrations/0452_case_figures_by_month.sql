-- +goose Up
-- Every figure of cases is one of a month.
CREATE INDEX case_figures_by_month ON case_figures (given_month, area, unit_id);
