-- +goose Up
-- Raters who were erased. Replayed before a restored backup is opened.
CREATE TABLE erasures (
    subject   VARCHAR(32) NOT NULL PRIMARY KEY,
    erased_at BIGINT      NOT NULL,
    person    VARCHAR(64) NOT NULL,
    basis     VARCHAR(64) NOT NULL
);
