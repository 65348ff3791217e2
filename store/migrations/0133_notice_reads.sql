-- +goose Up
-- Which notices a person has seen. A notice is for a role at a place, so each holder reads for
-- themselves.
CREATE TABLE notice_reads (
    person  VARCHAR(64) NOT NULL,
    case_id VARCHAR(32) NOT NULL,
    seq     BIGINT      NOT NULL,
    PRIMARY KEY (person, case_id, seq)
);
