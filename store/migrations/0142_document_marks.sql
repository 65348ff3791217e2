-- +goose Up
-- The short names that authorities put into the numbers of their documents, such as 甘政服. The last
-- version counts; an authority without a row has the product's default.
CREATE TABLE document_marks (
    authority VARCHAR(64) NOT NULL,
    version   INTEGER     NOT NULL,
    mark      VARCHAR(32) NOT NULL,
    author    VARCHAR(32) NOT NULL,
    added_at  BIGINT      NOT NULL,
    PRIMARY KEY (authority, version),
    CONSTRAINT document_marks_version CHECK (version >= 1)
);
