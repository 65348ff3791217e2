-- +goose Up
-- One number for each thing that processes keep in memory; every change of the thing adds one in
-- the same transaction, and a process that finds another number than its own reads anew.
CREATE TABLE revisions (
    name     VARCHAR(64) NOT NULL PRIMARY KEY,
    revision BIGINT      NOT NULL
);
