-- +goose Up
-- Few cases are, and every figure of ratings asks for them.
CREATE INDEX case_figures_adjusted ON case_figures (adjusted, given_month);
