-- +goose Up
-- What a bulletin of bad ratings says (8(3), R42): made of a sealed version of the figures and of the cases at its position, as
-- JSON with ids, codes and counts. Append-only; the docket's entry, which the ledger holds, has the digest.
CREATE TABLE bulletins (
    docket_id VARCHAR(32) NOT NULL PRIMARY KEY,
    digest    CHAR(64)    NOT NULL,
    body      MEDIUMBLOB  NOT NULL,
    CONSTRAINT bulletins_docket FOREIGN KEY (docket_id) REFERENCES dockets (id)
);
