-- +goose Up
-- Complaints and consultations of the hotline with the unit that answered (R19), as the call system reports them or
-- an agent enters them: what was asked and by whom is not here.
CREATE TABLE tickets (
    number      VARCHAR(64) NOT NULL PRIMARY KEY,
    -- complaint or consultation.
    kind        VARCHAR(16) NOT NULL,
    unit_id     VARCHAR(64) NOT NULL,
    source      VARCHAR(64) NOT NULL,
    reported_at BIGINT      NOT NULL,
    CONSTRAINT tickets_unit FOREIGN KEY (unit_id) REFERENCES orgs (id),
    CONSTRAINT tickets_kind CHECK (kind IN ('complaint', 'consultation'))
);
