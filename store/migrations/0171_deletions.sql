-- +goose Up
-- What was deleted by the retention table (R59): counts, digests and ids, never contents. Append-only,
-- each with a leaf in the ledger. refs is JSON: the ids of what was deleted; digest is its SHA-256.
CREATE TABLE deletions (
    id      VARCHAR(32) NOT NULL PRIMARY KEY,
    at      BIGINT      NOT NULL,
    what    VARCHAR(16) NOT NULL,
    number  BIGINT      NOT NULL,
    -- What began to count before this day was deleted, under this edition.
    before_day CHAR(10) NOT NULL,
    edition VARCHAR(64) NOT NULL,
    digest  CHAR(64)    NOT NULL,
    refs    MEDIUMBLOB  NOT NULL,
    nonce   BLOB        NOT NULL,
    CONSTRAINT deletions_number CHECK (number >= 1)
);
