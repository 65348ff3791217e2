-- +goose Up
-- Who put a file in: only they may bind it.
CREATE TABLE staged_files (
    digest    CHAR(64)    NOT NULL,
    person    VARCHAR(64) NOT NULL,
    staged_at BIGINT      NOT NULL,
    PRIMARY KEY (digest, person),
    CONSTRAINT staged_files_file FOREIGN KEY (digest) REFERENCES files (digest)
);
