-- +goose Up
-- Archive packages of closed cases (R59): one for each closing. Append-only. The package itself is a
-- file like any other, content-addressed and encrypted; its digests stand here and in the ledger's
-- leaf, which outlive it.
CREATE TABLE archives (
    case_id VARCHAR(32) NOT NULL,
    -- 1 for the first closing, one more for each further one.
    version INTEGER     NOT NULL,
    -- The case's last event in the package.
    seq     BIGINT      NOT NULL,
    -- SHA-256, which names the file, and SM3.
    digest  CHAR(64)    NOT NULL,
    sm3     CHAR(64)    NOT NULL,
    size    BIGINT      NOT NULL,
    made_at BIGINT      NOT NULL,
    nonce   BLOB        NOT NULL,
    PRIMARY KEY (case_id, version),
    CONSTRAINT archives_once UNIQUE (case_id, seq),
    CONSTRAINT archives_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT archives_version CHECK (version >= 1),
    CONSTRAINT archives_size CHECK (size > 0)
);
