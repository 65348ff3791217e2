-- +goose Up
-- Pictures of the sheets of an opening, held against the sweep. One is of one sheet.
CREATE TABLE paper_scans (
    digest     CHAR(64)    NOT NULL PRIMARY KEY,
    opening_id VARCHAR(32) NOT NULL,
    -- The serial that the file was named by, '' where it was named otherwise: other names are not kept.
    serial     VARCHAR(64) NOT NULL,
    added_by   VARCHAR(64) NOT NULL,
    added_at   BIGINT      NOT NULL,
    -- NULL while nobody entered it.
    entry_id   VARCHAR(32),
    CONSTRAINT paper_scans_file FOREIGN KEY (digest) REFERENCES files (digest),
    CONSTRAINT paper_scans_opening FOREIGN KEY (opening_id) REFERENCES box_openings (id),
    CONSTRAINT paper_scans_entry UNIQUE (entry_id)
);
