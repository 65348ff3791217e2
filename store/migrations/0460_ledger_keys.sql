-- +goose Up
-- Public keys under which checkpoints of the ledger are signed, in their order (9(2)). Append-only. Each but the first comes with
-- the note by which the key before it signed for it. No leaf: what would be proven by it proves itself.
CREATE TABLE ledger_keys (
    number    BIGINT        NOT NULL PRIMARY KEY,
    public    VARCHAR(200)  NOT NULL,
    -- Empty for the first, which is handed out on paper.
    change_note VARCHAR(1000) NOT NULL,
    made_at   BIGINT        NOT NULL,
    CONSTRAINT ledger_keys_public UNIQUE (public),
    CONSTRAINT ledger_keys_number CHECK (number >= 1)
);
