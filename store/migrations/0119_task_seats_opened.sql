-- +goose Up
-- An inbox by the time at which the task came.
CREATE INDEX task_seats_opened ON task_seats (seat_role, org_id, opened_at, task_id);
