-- +goose Up
-- What a role at a place was told, newest first.
CREATE INDEX notices_by_seat ON notices (seat_role, org_id, at);
