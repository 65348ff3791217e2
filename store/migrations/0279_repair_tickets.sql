-- +goose Up
-- Repairs of devices (9(3)): one open at a time for a device, which the key says. due is in working days; overdue is 1
-- once the supervisor was told.
CREATE TABLE repair_tickets (
    id        VARCHAR(32) NOT NULL PRIMARY KEY,
    device_id VARCHAR(32) NOT NULL,
    -- The device's id until the hall has confirmed, then NULL.
    open_for  VARCHAR(32) NULL,
    area      CHAR(6)     NOT NULL,
    hall_id   VARCHAR(64) NOT NULL,
    reason    VARCHAR(32) NOT NULL,
    state     VARCHAR(16) NOT NULL,
    due       BIGINT      NOT NULL,
    overdue   SMALLINT    NOT NULL,
    opened_at BIGINT      NOT NULL,
    closed_at BIGINT      NOT NULL,
    seq       BIGINT      NOT NULL,
    CONSTRAINT repair_tickets_one UNIQUE (open_for),
    CONSTRAINT repair_tickets_device FOREIGN KEY (device_id) REFERENCES devices (id),
    CONSTRAINT repair_tickets_state CHECK (state IN ('opened', 'assigned', 'in_repair', 'solved', 'replaced', 'confirmed')),
    CONSTRAINT repair_tickets_closed CHECK ((open_for IS NULL) = (state = 'confirmed')),
    CONSTRAINT repair_tickets_overdue CHECK (overdue IN (0, 1))
);
