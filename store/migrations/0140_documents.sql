-- +goose Up
-- Official documents as they were issued. Append-only: no path of the program updates or deletes a
-- row. The text lies sealed in texts, its salted digest here; the canonical bytes of the ledger's
-- leaf are made of these columns.
CREATE TABLE documents (
    id               VARCHAR(32)  NOT NULL PRIMARY KEY,
    case_id          VARCHAR(32)  NOT NULL,
    kind             VARCHAR(32)  NOT NULL,
    -- What one document of the kind is about, such as an order: there is one for each.
    about            VARCHAR(128) NOT NULL,
    -- The authority that issued it, which numbers its documents of a year in one row.
    authority        VARCHAR(64)  NOT NULL,
    number_year      INTEGER      NOT NULL,
    running_number   BIGINT       NOT NULL,
    -- As printed: the authority's short name may change later.
    number           VARCHAR(64)  NOT NULL,
    audience         VARCHAR(16)  NOT NULL,
    -- The organisation or staff profile it is addressed to, '' for the citizen.
    addressee        VARCHAR(64)  NOT NULL,
    area             CHAR(6)      NOT NULL,
    template_version INTEGER      NOT NULL,
    -- The case's last event when it was made.
    case_seq         BIGINT       NOT NULL,
    text_digest      CHAR(64)     NOT NULL,
    issued_by        VARCHAR(32)  NOT NULL,
    as_role          VARCHAR(32)  NOT NULL,
    as_org           VARCHAR(64)  NOT NULL,
    -- In whose place, separated by commas; '' for one's own post.
    as_for           VARCHAR(256) NOT NULL,
    issued_at        BIGINT       NOT NULL,
    request_key      CHAR(64)     NOT NULL,
    nonce            BLOB         NOT NULL,
    CONSTRAINT documents_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT documents_number UNIQUE (authority, number_year, running_number),
    CONSTRAINT documents_about UNIQUE (case_id, kind, about),
    CONSTRAINT documents_request UNIQUE (case_id, issued_by, request_key),
    CONSTRAINT documents_running CHECK (running_number >= 1),
    CONSTRAINT documents_audience CHECK (audience IN ('unit', 'rater', 'rated', 'file'))
);
