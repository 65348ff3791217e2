-- +goose Up
-- What the second person answered to a report of an opening, and what the supervisor decided. Append-only, each with a
-- leaf.
CREATE TABLE box_opening_answers (
    report_id VARCHAR(32)  NOT NULL,
    seq       BIGINT       NOT NULL,
    answer    VARCHAR(16)  NOT NULL,
    person    VARCHAR(64)  NOT NULL,
    -- What they did not see, as codes.
    contested VARCHAR(100) NOT NULL,
    reason    VARCHAR(800) NOT NULL,
    at        BIGINT       NOT NULL,
    nonce     BLOB         NOT NULL,
    PRIMARY KEY (report_id, seq),
    CONSTRAINT box_opening_answers_report FOREIGN KEY (report_id) REFERENCES box_opening_reports (id),
    CONSTRAINT box_opening_answers_answer CHECK (answer IN ('confirmed', 'refused', 'upheld', 'set_aside'))
);
