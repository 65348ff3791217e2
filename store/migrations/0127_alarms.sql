-- +goose Up
-- What is wrong and somebody has to look after: a profile that is not public (R12), a leaf that
-- the ledger does not take. One row a thing, counted while it lasts.
CREATE TABLE alarms (
    kind       VARCHAR(32)  NOT NULL,
    object_id  VARCHAR(64)  NOT NULL,
    -- Codes, comma-separated.
    detail     VARCHAR(200) NOT NULL,
    area       VARCHAR(6)   NOT NULL,
    unit_id    VARCHAR(64)  NOT NULL,
    first_at   BIGINT       NOT NULL,
    last_at    BIGINT       NOT NULL,
    times      BIGINT       NOT NULL,
    -- 0 while it lasts.
    cleared_at BIGINT       NOT NULL,
    PRIMARY KEY (kind, object_id),
    CONSTRAINT alarms_times CHECK (times >= 1)
);
