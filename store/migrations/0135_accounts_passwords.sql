-- +goose Up
-- How often the password was set. A session notes the count at its sign-in and ends with the next.
ALTER TABLE accounts ADD COLUMN passwords INTEGER NOT NULL DEFAULT 0 CHECK (passwords >= 0);
