-- +goose Up
-- An inbox by due time, the usual order: the walk along it needs no sorting. What inboxes filter
-- by comes last, so that a filter which little passes does not look every row up.
CREATE INDEX task_seats_due ON task_seats (seat_role, org_id, due_at, task_id, claimed, overdue, grade, area);
