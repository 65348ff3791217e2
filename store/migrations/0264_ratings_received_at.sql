-- +goose Up
-- When the record received the rating, later than given_at where a device was cut off; 0 where that was not
-- noted yet, whose canonical bytes are of version 1.
ALTER TABLE ratings ADD COLUMN received_at BIGINT NOT NULL DEFAULT 0;
