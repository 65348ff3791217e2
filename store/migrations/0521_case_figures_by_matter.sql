-- +goose Up
-- What is asked for of one matter, or of those of one national code.
CREATE INDEX case_figures_by_matter ON case_figures (given_month, matter_id);
