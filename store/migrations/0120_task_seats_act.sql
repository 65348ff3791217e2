-- +goose Up
-- The filter by act: an act may be rare among many.
CREATE INDEX task_seats_act ON task_seats (seat_role, org_id, act, due_at, task_id);
