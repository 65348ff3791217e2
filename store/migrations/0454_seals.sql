-- +goose Up
-- Sealed figures of an authority and a month or quarter (clauses 7(1), 9(2)), version by version. Append-only: no path of the
-- program updates or deletes a row.
CREATE TABLE seals (
    -- Area and period, such as 513301-2026-11.
    series    VARCHAR(32) NOT NULL,
    version   BIGINT      NOT NULL,
    area      CHAR(6)     NOT NULL,
    period    VARCHAR(8)  NOT NULL,
    sealed_at BIGINT      NOT NULL,
    -- Leaves of the ledger that were counted.
    position  BIGINT      NOT NULL,
    -- Why this version was made, as JSON.
    reasons   VARCHAR(400) NOT NULL,
    -- Everything of it, as JSON.
    body      MEDIUMBLOB  NOT NULL,
    nonce     BLOB        NOT NULL,
    PRIMARY KEY (series, version),
    CONSTRAINT seals_version CHECK (version > 0)
);
