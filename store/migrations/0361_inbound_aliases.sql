-- +goose Up
-- What an upstream's code means here, where it is not the same: said by a person, the latest counts.
CREATE TABLE inbound_aliases (
    upstream VARCHAR(64) NOT NULL,
    -- task or window.
    kind     VARCHAR(16) NOT NULL,
    value    VARCHAR(64) NOT NULL,
    object_id VARCHAR(64) NOT NULL,
    author   VARCHAR(64) NOT NULL,
    at       BIGINT      NOT NULL,
    PRIMARY KEY (upstream, kind, value)
);
