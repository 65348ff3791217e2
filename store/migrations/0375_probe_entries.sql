-- +goose Up
-- History of a probe. Append-only: no path of the program updates or deletes a row. body is the entry as
-- JSON, codes and counts only; the ledger's leaf is made of probe, sequence and body as they stand here.
CREATE TABLE probe_entries (
    probe_id VARCHAR(32) NOT NULL,
    seq      BIGINT      NOT NULL,
    at       BIGINT      NOT NULL,
    name     VARCHAR(24) NOT NULL,
    body     MEDIUMBLOB  NOT NULL,
    nonce    BLOB        NOT NULL,
    PRIMARY KEY (probe_id, seq),
    CONSTRAINT probe_entries_probe FOREIGN KEY (probe_id) REFERENCES probes (id),
    CONSTRAINT probe_entries_seq CHECK (seq >= 1)
);
