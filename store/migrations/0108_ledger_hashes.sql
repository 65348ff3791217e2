-- +goose Up
-- The log's stored hashes, by tlog's index. The primary key refuses a second sequencer that
-- slept past its lease. Append-only.
CREATE TABLE ledger_hashes (
    hash_index BIGINT   NOT NULL PRIMARY KEY,
    hash       CHAR(64) NOT NULL
);
