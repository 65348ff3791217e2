-- +goose Up
-- Rows of the record that the ledger has not taken in yet. Written with the row itself; the
-- sequencer moves them to leaves every second, so the table stays small.
CREATE TABLE pending_leaves (
    kind     VARCHAR(16) NOT NULL,
    -- The rating's id, or the case's id and the event's sequence.
    ref      VARCHAR(64) NOT NULL,
    digest   CHAR(64)    NOT NULL,
    added_at BIGINT      NOT NULL,
    PRIMARY KEY (kind, ref)
);
