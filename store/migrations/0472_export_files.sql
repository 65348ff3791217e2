-- +goose Up
-- The contents of exports, encrypted in the data folder like evidence: rows are stretches while a file is made, file are
-- the pieces of the file itself. They go once nobody may have them any more.
CREATE TABLE export_files (
    export_id VARCHAR(32) NOT NULL,
    kind      VARCHAR(8)  NOT NULL,
    n         BIGINT      NOT NULL,
    digest    CHAR(64)    NOT NULL,
    PRIMARY KEY (export_id, kind, n),
    CONSTRAINT export_files_export FOREIGN KEY (export_id) REFERENCES exports (id),
    CONSTRAINT export_files_file FOREIGN KEY (digest) REFERENCES files (digest),
    CONSTRAINT export_files_kind CHECK (kind IN ('rows', 'file'))
);
