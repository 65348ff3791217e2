-- +goose Up
-- Outages that somebody declared afterwards, in the machines' time: the nodes believed to be up
-- and still could not record in time, as when the engine was overloaded. Append-only.
CREATE TABLE outages (
    from_at  BIGINT      NOT NULL,
    until_at BIGINT      NOT NULL,
    -- A code: overload, suspended, database, maintenance.
    reason   VARCHAR(32) NOT NULL,
    author   VARCHAR(64) NOT NULL,
    PRIMARY KEY (from_at, until_at),
    CONSTRAINT outages_order CHECK (until_at > from_at)
);
