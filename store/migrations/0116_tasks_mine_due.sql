-- +goose Up
-- Mine, by due time.
CREATE INDEX tasks_mine_due ON tasks (claimed_by, due_at, id);
