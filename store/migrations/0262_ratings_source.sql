-- +goose Up
-- Through what a rating came in besides our own pages: a device, a box, an upstream platform.
ALTER TABLE ratings ADD COLUMN source VARCHAR(64) NOT NULL DEFAULT '';
