-- +goose Up
-- Signed checkpoints of the ledger: its size and root at an instant (9(2)). Append-only. The signature is their proof; the same
-- text lies in files, in mails and on the public page, where nobody can take it back.
CREATE TABLE checkpoints (
    size    BIGINT        NOT NULL PRIMARY KEY,
    note    VARCHAR(1000) NOT NULL,
    made_at BIGINT        NOT NULL,
    CONSTRAINT checkpoints_size CHECK (size >= 1)
);
