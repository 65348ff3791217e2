-- +goose Up
-- A rater is told at most once a day of one case.
CREATE UNIQUE INDEX notice_deliveries_once_a_day ON notice_deliveries (case_id, day);
