-- +goose Up
-- What was asked and decided, each with a leaf in the ledger: of two decisions at once the key refuses one. The reason lies
-- encrypted in texts. Append-only.
CREATE TABLE reveal_entries (
    reveal_id VARCHAR(32) NOT NULL,
    -- 1 asked, 2 decided.
    seq       BIGINT      NOT NULL,
    at        BIGINT      NOT NULL,
    body      MEDIUMBLOB  NOT NULL,
    nonce     BLOB        NOT NULL,
    PRIMARY KEY (reveal_id, seq),
    CONSTRAINT reveal_entries_reveal FOREIGN KEY (reveal_id) REFERENCES reveals (id),
    CONSTRAINT reveal_entries_seq CHECK (seq IN (1, 2))
);
