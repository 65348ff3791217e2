-- +goose Up
-- Messages that are right in themselves and could not be matched with the tree: kept until somebody says what
-- they mean, then taken with their own times.
CREATE TABLE inbound_parked (
    upstream    VARCHAR(64)  NOT NULL,
    message_id  VARCHAR(64)  NOT NULL,
    kind        VARCHAR(16)  NOT NULL,
    -- Why, as a code, and which public value was not known: a code of a division, body, task or window.
    reason      VARCHAR(32)  NOT NULL,
    value       VARCHAR(64)  NOT NULL,
    -- Keyed digest of the message: another content under its id is a conflict.
    digest      VARCHAR(64)  NOT NULL,
    key_id      VARCHAR(64)  NOT NULL,
    -- The message without anything about the rater; their contact stands in the vault under the rating's id.
    rating_id   VARCHAR(32)  NOT NULL,
    sealed      BLOB         NOT NULL,
    received_at BIGINT       NOT NULL,
    tries       BIGINT       NOT NULL,
    -- 0 while parked.
    settled_at  BIGINT       NOT NULL,
    -- What it came to: accepted or refused, '' while parked.
    outcome     VARCHAR(16)  NOT NULL,
    PRIMARY KEY (upstream, message_id, kind)
);
