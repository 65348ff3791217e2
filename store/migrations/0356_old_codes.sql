-- +goose Up
-- Codes of windows and matters that were replaced by another one. A poster that still hangs says so and leads
-- on; a code is never given out twice. Append-only.
CREATE TABLE old_codes (
    code        VARCHAR(64) NOT NULL PRIMARY KEY,
    -- window or matter.
    kind        VARCHAR(16) NOT NULL,
    object_id   VARCHAR(64) NOT NULL,
    replaced_at BIGINT      NOT NULL,
    author      VARCHAR(64) NOT NULL,
    CONSTRAINT old_codes_kind CHECK (kind IN ('window', 'matter'))
);
