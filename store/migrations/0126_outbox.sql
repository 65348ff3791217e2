-- +goose Up
-- What is to be done outside the database after a commit, until it is done. start_case: the
-- engine is to start the case's workflow.
CREATE TABLE outbox (
    kind     VARCHAR(16) NOT NULL,
    ref      VARCHAR(32) NOT NULL,
    added_at BIGINT      NOT NULL,
    PRIMARY KEY (kind, ref)
);
