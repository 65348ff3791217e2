-- +goose Up
-- A case's history. Append-only: no path of the program updates or deletes a row. body is the
-- event as JSON in the form of its schema, codes and parameters only; canonical bytes of the
-- ledger's leaf are made of the case, the sequence and the body as they stand here.
CREATE TABLE case_events (
    case_id VARCHAR(32) NOT NULL,
    seq     BIGINT      NOT NULL,
    at      BIGINT      NOT NULL,
    kind    VARCHAR(16) NOT NULL,
    name    VARCHAR(32) NOT NULL,
    body    MEDIUMBLOB  NOT NULL,
    nonce   BLOB        NOT NULL,
    PRIMARY KEY (case_id, seq),
    CONSTRAINT case_events_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT case_events_seq CHECK (seq >= 1),
    CONSTRAINT case_events_kind CHECK (kind IN ('opened', 'act', 'deadline'))
);
