-- +goose Up
-- Versions of the quarterly board of good ratings (clause 8(1)): what each was computed from and what it came to. Append-only: no
-- path of the program updates or deletes a row.
CREATE TABLE boards (
    -- A quarter, such as 2026-Q3.
    period       VARCHAR(8)  NOT NULL,
    version      BIGINT      NOT NULL,
    -- The version of the prefecture's sealed quarter that it rests on, and how many leaves of the ledger that counted.
    seal_version BIGINT      NOT NULL,
    position     BIGINT      NOT NULL,
    -- SHA-256 of body.
    digest       CHAR(64)    NOT NULL,
    made_at      BIGINT      NOT NULL,
    -- Everything of it, as JSON.
    body         MEDIUMBLOB  NOT NULL,
    nonce        BLOB        NOT NULL,
    PRIMARY KEY (period, version),
    CONSTRAINT boards_version CHECK (version > 0)
);
