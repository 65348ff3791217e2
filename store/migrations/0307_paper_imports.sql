-- +goose Up
-- Sheets of forms that were imported, by SHA-256 of the file: the same file is not imported twice. The file itself is
-- not kept.
CREATE TABLE paper_imports (
    digest      CHAR(64)    NOT NULL PRIMARY KEY,
    opening_id  VARCHAR(32) NOT NULL,
    form_count  INTEGER     NOT NULL,
    imported_by VARCHAR(64) NOT NULL,
    imported_at BIGINT      NOT NULL,
    CONSTRAINT paper_imports_opening FOREIGN KEY (opening_id) REFERENCES box_openings (id)
);
