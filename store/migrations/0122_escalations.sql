-- +goose Up
-- Escalations, each from one event of a case: the discipline officer's list and the upper
-- level's (R30, R33). Append-only.
CREATE TABLE escalations (
    case_id         VARCHAR(32) NOT NULL,
    seq             BIGINT      NOT NULL,
    at              BIGINT      NOT NULL,
    -- upper, head, discipline, supervisor
    sent_to         VARCHAR(16) NOT NULL,
    reason          VARCHAR(64) NOT NULL,
    clause          VARCHAR(16) NOT NULL,
    area            CHAR(6)     NOT NULL,
    authority       VARCHAR(64) NOT NULL,
    upper_authority VARCHAR(64) NOT NULL,
    unit_id         VARCHAR(64) NOT NULL,
    PRIMARY KEY (case_id, seq),
    CONSTRAINT escalations_event FOREIGN KEY (case_id, seq) REFERENCES case_events (case_id, seq),
    CONSTRAINT escalations_to CHECK (sent_to IN ('upper', 'head', 'discipline', 'supervisor')),
    -- Only what an order's receiver neglects reaches discipline (clause 8(4)).
    CONSTRAINT escalations_discipline CHECK (sent_to <> 'discipline'
        OR reason IN ('unsigned', 'rectification_overdue', 'insufficient'))
);
