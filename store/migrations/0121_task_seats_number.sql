-- +goose Up
-- The search by the beginning of the case's number.
CREATE INDEX task_seats_number ON task_seats (seat_role, org_id, number);
