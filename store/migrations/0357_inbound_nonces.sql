-- +goose Up
-- Signed requests of other systems that were taken: a second one with the same nonce is a replay. Rows go
-- once the window of a signature's time is over.
CREATE TABLE inbound_nonces (
    upstream VARCHAR(64) NOT NULL,
    nonce    VARCHAR(64) NOT NULL,
    at       BIGINT      NOT NULL,
    PRIMARY KEY (upstream, nonce)
);
