-- +goose Up
-- The Merkle log's leaves at dense positions 0, 1, 2. Append-only.
CREATE TABLE leaves (
    position BIGINT      NOT NULL PRIMARY KEY,
    kind     VARCHAR(16) NOT NULL,
    ref      VARCHAR(64) NOT NULL,
    digest   CHAR(64)    NOT NULL,
    -- A row of the record is in the log once.
    CONSTRAINT leaves_row UNIQUE (kind, ref),
    CONSTRAINT leaves_position CHECK (position >= 0)
);
