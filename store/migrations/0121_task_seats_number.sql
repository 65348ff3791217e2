-- +goose Up
-- The search by the case's number.
CREATE INDEX task_seats_number ON task_seats (number);
