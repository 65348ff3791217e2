-- +goose Up
-- When a device was not heard of: from one heartbeat to the next that came too late. What is not in a gap it was
-- reachable, so that a month of heartbeats is a few rows.
CREATE TABLE device_gaps (
    device_id VARCHAR(32) NOT NULL,
    from_at   BIGINT      NOT NULL,
    until_at  BIGINT      NOT NULL,
    PRIMARY KEY (device_id, from_at),
    CONSTRAINT device_gaps_device FOREIGN KEY (device_id) REFERENCES devices (id),
    CONSTRAINT device_gaps_order CHECK (until_at > from_at)
);
