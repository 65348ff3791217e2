-- +goose Up
-- How each authority decided alike cases (7(1)): sums of case_figures, kept with them, of those concluded or written off whose cause is
-- known. Hundreds of thousands of cases a year make this table small: it is asked for months, and by what is alike.
CREATE TABLE alike_tallies (
    given_month CHAR(7)     NOT NULL,
    -- The national code of the matter, its id where it has none, '' where no matter was rated.
    matter      VARCHAR(64) NOT NULL,
    cause       VARCHAR(32) NOT NULL,
    grade       SMALLINT    NOT NULL,
    area        CHAR(6)     NOT NULL,
    decided     BIGINT      NOT NULL,
    -- What was written off counts as that and as decided, and its appeal counts (R53).
    concluded   BIGINT      NOT NULL,
    confirmed   BIGINT      NOT NULL,
    written_off BIGINT      NOT NULL,
    accepted    BIGINT      NOT NULL,
    in_time     BIGINT      NOT NULL,
    appealed    BIGINT      NOT NULL,
    upheld      BIGINT      NOT NULL,
    PRIMARY KEY (given_month, matter, cause, grade, area)
) WITHOUT ROWID;
