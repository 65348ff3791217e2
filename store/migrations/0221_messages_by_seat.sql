-- +goose Up
-- What a role at a place was told, newest first.
CREATE INDEX messages_by_seat ON messages (seat_role, org_id, at);
