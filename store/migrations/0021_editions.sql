-- +goose Up
-- Editions of the rules. A case keeps the edition under which it was opened; a change of a
-- parameter is a new edition, so neither editions nor their values are ever updated.
CREATE TABLE editions (
    edition VARCHAR(64) NOT NULL PRIMARY KEY,
    -- Cases opened from this instant on are under it.
    from_at BIGINT      NOT NULL,
    CONSTRAINT editions_from UNIQUE (from_at)
);
