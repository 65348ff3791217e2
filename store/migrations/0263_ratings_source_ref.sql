-- +goose Up
-- The rating's number there: of the device's message, of the box's opening, of the platform's message.
ALTER TABLE ratings ADD COLUMN source_ref VARCHAR(64) NOT NULL DEFAULT '';
