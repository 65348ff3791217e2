-- +goose Up
-- What became of a device, and who did it: registered, moved, given a code, enrolled, locked, retired. hall_id and
-- window_id are where it stood from then on, so that a rating which came late belongs to the window of its time.
CREATE TABLE device_events (
    device_id VARCHAR(32)  NOT NULL,
    seq       BIGINT       NOT NULL,
    at        BIGINT       NOT NULL,
    name      VARCHAR(16)  NOT NULL,
    -- '' where the device itself or the product did it.
    person    VARCHAR(64)  NOT NULL,
    hall_id   VARCHAR(64)  NOT NULL,
    window_id VARCHAR(64)  NOT NULL,
    -- A code, such as why it was locked or retired.
    detail    VARCHAR(64)  NOT NULL,
    PRIMARY KEY (device_id, seq),
    CONSTRAINT device_events_device FOREIGN KEY (device_id) REFERENCES devices (id)
);
