-- +goose Up
-- Numbers of cases and transfer orders: dense per authority, year and kind.
CREATE TABLE counters (
    authority   VARCHAR(64) NOT NULL,
    -- The year in Asia/Shanghai.
    number_year INTEGER     NOT NULL,
    kind        VARCHAR(32) NOT NULL,
    -- The number that the next one gets.
    next_number BIGINT      NOT NULL,
    PRIMARY KEY (authority, number_year, kind),
    CONSTRAINT counters_next CHECK (next_number >= 1)
);
