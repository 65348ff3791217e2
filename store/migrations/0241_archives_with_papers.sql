-- +goose Up
-- A document issued on a closed case leads to another package of the same closing: a closing has one for
-- each number of documents. This takes the place of archives, whose key had one package a closing.
CREATE TABLE archives_with_papers (
    case_id VARCHAR(32) NOT NULL,
    -- 1 for the first package, one more for each further closing or document after it.
    version INTEGER     NOT NULL,
    -- The case's last event in the package.
    seq     BIGINT      NOT NULL,
    -- How many official documents are in it.
    papers  INTEGER     NOT NULL,
    -- SHA-256, which names the file, and SM3.
    digest  CHAR(64)    NOT NULL,
    sm3     CHAR(64)    NOT NULL,
    size    BIGINT      NOT NULL,
    made_at BIGINT      NOT NULL,
    nonce   BLOB        NOT NULL,
    PRIMARY KEY (case_id, version),
    CONSTRAINT archives_papers UNIQUE (case_id, seq, papers),
    CONSTRAINT archives_of_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT archives_from_1 CHECK (version >= 1),
    CONSTRAINT archives_not_empty CHECK (size > 0)
);
