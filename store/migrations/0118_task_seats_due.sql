-- +goose Up
-- An inbox by due time, the usual order: the walk along it needs no sorting.
CREATE INDEX task_seats_due ON task_seats (seat_role, org_id, due_at, task_id);
