-- +goose Up
-- Pending leaves of rows that the ledger holds already, or that waited twice: a row is taken in once, so the sequencer passes over the
-- second, keeps it here as evidence and goes on (R51). The digest may differ from the one taken in.
CREATE TABLE second_leaves (
    kind     VARCHAR(16) NOT NULL,
    ref      VARCHAR(64) NOT NULL,
    digest   CHAR(64)    NOT NULL,
    -- When it was put among the pending ones, and when it was passed over.
    added_at BIGINT      NOT NULL,
    found_at BIGINT      NOT NULL,
    PRIMARY KEY (kind, ref, added_at, found_at)
);
