-- +goose Up
-- What each upstream sent, by civil day and outcome: for the operator's page. The ratings themselves are the
-- proof, these are counts.
CREATE TABLE inbound_days (
    upstream VARCHAR(64) NOT NULL,
    day      CHAR(10)    NOT NULL,
    -- rating or matter.
    kind     VARCHAR(16) NOT NULL,
    -- accepted, repeated, refused, parked.
    outcome  VARCHAR(16) NOT NULL,
    times    BIGINT      NOT NULL,
    last_at  BIGINT      NOT NULL,
    PRIMARY KEY (upstream, day, kind, outcome)
);
