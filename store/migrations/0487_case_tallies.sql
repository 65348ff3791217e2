-- +goose Up
-- Sums of case_figures, which stand where those stand: any figure of a month is asked for in less time than its cases would
-- take to read. They can be made anew from case_figures at any time.
CREATE TABLE case_tallies (
    given_month  CHAR(7)     NOT NULL,
    -- By what the keys are: unit (area and unit), hall, window (hall and window), staff (unit and person), matter, county_matter
    -- (area and matter), cause, link, attribution (area and that), cause_link.
    cut          VARCHAR(16) NOT NULL,
    k1           VARCHAR(64) NOT NULL,
    k2           VARCHAR(64) NOT NULL,
    channel      VARCHAR(16) NOT NULL,
    cases        BIGINT      NOT NULL,
    -- What was written off counts as that and nothing else (R53).
    written_off  BIGINT      NOT NULL,
    concluded    BIGINT      NOT NULL,
    called       BIGINT      NOT NULL,
    call_exempt  BIGINT      NOT NULL,
    replied      BIGINT      NOT NULL,
    ordered      BIGINT      NOT NULL,
    accepted     BIGINT      NOT NULL,
    in_time      BIGINT      NOT NULL,
    overdue      BIGINT      NOT NULL,
    unit_overdue BIGINT      NOT NULL,
    delays       BIGINT      NOT NULL,
    delayed_cases BIGINT     NOT NULL,
    -- Microseconds.
    took         BIGINT      NOT NULL,
    PRIMARY KEY (given_month, cut, k1, k2, channel)
);
