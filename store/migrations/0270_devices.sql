-- +goose Up
-- Devices at windows and in halls (clauses 6(1) and 9(3)): where each stands, the key with which it signs, and
-- what it told last. What became of it is in device_events.
CREATE TABLE devices (
    id           VARCHAR(32)  NOT NULL PRIMARY KEY,
    kind         VARCHAR(16)  NOT NULL,
    model        VARCHAR(64)  NOT NULL,
    -- The maker's number, one device of a model.
    serial_no    VARCHAR(64)  NOT NULL,
    firmware     VARCHAR(64)  NOT NULL,
    area         CHAR(6)      NOT NULL,
    hall_id      VARCHAR(64)  NOT NULL,
    window_id    VARCHAR(64)  NOT NULL,
    state        VARCHAR(16)  NOT NULL,
    -- The code with which it enrols, hashed; '' once used. It runs out at code_until.
    code_hash    CHAR(64)     NOT NULL,
    code_until   BIGINT       NOT NULL,
    -- Keys are numbered; the current one is sealed, NULL before the first enrolment.
    key_no       BIGINT       NOT NULL,
    key_sealed   BLOB         NULL,
    enrolled_at  BIGINT       NOT NULL,
    -- The last heartbeat: its number and digest, its time by the device's clock, and when it was received.
    beat_no      BIGINT       NOT NULL,
    beat_digest  CHAR(64)     NOT NULL,
    beat_sent    BIGINT       NOT NULL,
    beat_at      BIGINT       NOT NULL,
    -- By how many microseconds its clock was ahead of ours then.
    clock_ahead  BIGINT       NOT NULL,
    -- Ratings that wait on the device, and such as were refused and stay there, with their codes.
    waiting      BIGINT       NOT NULL,
    parked       BIGINT       NOT NULL,
    parked_codes VARCHAR(200) NOT NULL,
    -- Per cent, -1 where it does not tell.
    battery      SMALLINT     NOT NULL,
    paper        SMALLINT     NOT NULL,
    -- The number of its last event.
    seq          BIGINT       NOT NULL,
    CONSTRAINT devices_serial UNIQUE (model, serial_no),
    CONSTRAINT devices_kind CHECK (kind IN ('evaluator', 'keypad', 'kiosk')),
    CONSTRAINT devices_state CHECK (state IN ('enrolling', 'active', 'locked', 'retired')),
    -- Whoever signs has a key.
    CONSTRAINT devices_key CHECK (state <> 'active' OR key_sealed IS NOT NULL),
    CONSTRAINT devices_hall FOREIGN KEY (hall_id) REFERENCES orgs (id),
    CONSTRAINT devices_window FOREIGN KEY (window_id) REFERENCES service_windows (id)
);
