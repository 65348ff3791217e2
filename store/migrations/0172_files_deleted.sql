-- +goose Up
-- When retention deleted a file's content; 0 while it is there. The row stays: events and packages
-- name its digest.
ALTER TABLE files ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
