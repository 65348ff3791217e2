-- +goose Up
-- History of a stay on the watch list. Append-only: no path of the program updates or deletes a row.
-- body is the entry as JSON, codes and counts only; the ledger's leaf is made of listing, sequence
-- and body as they stand here.
CREATE TABLE watch_entries (
    listing_id VARCHAR(32) NOT NULL,
    seq        BIGINT      NOT NULL,
    at         BIGINT      NOT NULL,
    name       VARCHAR(24) NOT NULL,
    body       MEDIUMBLOB  NOT NULL,
    nonce      BLOB        NOT NULL,
    PRIMARY KEY (listing_id, seq),
    CONSTRAINT watch_entries_listing FOREIGN KEY (listing_id) REFERENCES watch_listings (id),
    CONSTRAINT watch_entries_seq CHECK (seq >= 1)
);
