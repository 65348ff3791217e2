-- +goose Up
-- What was known so far, each with its window and its code.
INSERT INTO handled (number, matter_id, window_id, staff_id, status, accepted_date, concluded_date, delivery_used, code)
SELECT number, matter_id, window_id, staff_id, status, accepted_date, concluded_date, delivery_used, code FROM projects;
