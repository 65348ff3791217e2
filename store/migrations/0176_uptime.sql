-- +goose Up
-- Stretches of the machines' time in which a node could have recorded a deadline: its worker ran
-- and the engine answered. A node lengthens its last row every few seconds and begins another
-- after a pause; what no row covers is an outage, in which no deadline counts as late.
CREATE TABLE uptime (
    node     VARCHAR(128) NOT NULL,
    from_at  BIGINT       NOT NULL,
    until_at BIGINT       NOT NULL,
    PRIMARY KEY (node, from_at),
    CONSTRAINT uptime_order CHECK (until_at >= from_at)
);
