-- +goose Up
-- Files of a case, each bound by an event. Append-only.
CREATE TABLE case_files (
    case_id VARCHAR(32) NOT NULL,
    digest  CHAR(64)    NOT NULL,
    seq     BIGINT      NOT NULL,
    PRIMARY KEY (case_id, digest, seq),
    CONSTRAINT case_files_event FOREIGN KEY (case_id, seq) REFERENCES case_events (case_id, seq),
    CONSTRAINT case_files_file FOREIGN KEY (digest) REFERENCES files (digest)
);
