-- +goose Up
-- What was judged of each box at the end of each ISO week (6(2), R16), once a week of a box: the key says so.
CREATE TABLE box_weeks (
    box_id     VARCHAR(32) NOT NULL,
    iso_week   CHAR(8)     NOT NULL,
    -- The week's Monday.
    monday     CHAR(10)    NOT NULL,
    verdict    VARCHAR(16) NOT NULL,
    -- The close of work of the week's last working day; 0 for a week without one.
    due_at     BIGINT      NOT NULL,
    judged_at  BIGINT      NOT NULL,
    -- Of a missed week: from when on it is the supervisor's, and 1 once it is.
    raise_at   BIGINT      NOT NULL,
    raised     SMALLINT    NOT NULL,
    -- When the box was opened after all; 0 until then.
    settled_at BIGINT      NOT NULL,
    PRIMARY KEY (box_id, iso_week),
    CONSTRAINT box_weeks_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    CONSTRAINT box_weeks_verdict CHECK (verdict IN ('kept', 'missed', 'no_workday', 'out_of_use')),
    CONSTRAINT box_weeks_raised CHECK (raised = 0 OR verdict = 'missed')
);
