-- +goose Up
-- History of a docket. Append-only: no path of the program updates or deletes a row. body is the entry as JSON, codes,
-- counts, days and ids only; the ledger's leaf is made of docket, sequence and body as they stand here.
CREATE TABLE docket_entries (
    docket_id VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    at        BIGINT      NOT NULL,
    name      VARCHAR(16) NOT NULL,
    body      MEDIUMBLOB  NOT NULL,
    nonce     BLOB        NOT NULL,
    PRIMARY KEY (docket_id, seq),
    CONSTRAINT docket_entries_docket FOREIGN KEY (docket_id) REFERENCES dockets (id),
    CONSTRAINT docket_entries_seq CHECK (seq >= 1)
);
