-- +goose Up
-- Where each write-off stood, step by step (clause 9(2), R53): what its rates per authority count, without
-- reading every event. Append-only; each row repeats what its event says, whose leaf proves it.
CREATE TABLE write_off_steps (
    case_id VARCHAR(32) NOT NULL,
    seq     BIGINT      NOT NULL,
    at      BIGINT      NOT NULL,
    stage   VARCHAR(24) NOT NULL,
    PRIMARY KEY (case_id, seq),
    CONSTRAINT write_off_steps_event FOREIGN KEY (case_id, seq) REFERENCES case_events (case_id, seq)
);
