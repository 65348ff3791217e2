-- +goose Up
-- Files that entries of a docket put in: minutes of a hearing, what was published.
CREATE TABLE docket_files (
    docket_id VARCHAR(32) NOT NULL,
    digest    CHAR(64)    NOT NULL,
    PRIMARY KEY (docket_id, digest),
    CONSTRAINT docket_files_docket FOREIGN KEY (docket_id) REFERENCES dockets (id)
);
