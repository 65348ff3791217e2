-- +goose Up
-- Those outside who get every rating and every case's outcome (9(3), R55), with how far each has come.
CREATE TABLE upstreams (
    name         VARCHAR(32)  NOT NULL PRIMARY KEY,
    title        VARCHAR(200) NOT NULL,
    -- A simulator inside the product, for demos.
    simulated    SMALLINT     NOT NULL,
    -- The ledger's leaves below this have their deliveries.
    position     BIGINT       NOT NULL,
    followed_at  BIGINT       NOT NULL,
    -- Tries in a row that failed, why the last did, and when the next may be.
    failures     INTEGER      NOT NULL,
    code         VARCHAR(64)  NOT NULL,
    try_at       BIGINT       NOT NULL,
    succeeded_at BIGINT       NOT NULL,
    -- Messages that it took, each counted once.
    sent         BIGINT       NOT NULL,
    -- How many are sent at once now: fewer after a failure.
    size         INTEGER      NOT NULL,
    -- 0 while the settings name it.
    retired_at   BIGINT       NOT NULL,
    CONSTRAINT upstreams_position CHECK (position >= 0),
    CONSTRAINT upstreams_size CHECK (size >= 1)
);
