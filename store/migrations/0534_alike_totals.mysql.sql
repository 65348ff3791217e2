-- +goose Up
-- How many alike cases all authorities decided together: most matters are too rare for any comparison, and with these sums their
-- rows in alike_tallies are not looked at.
CREATE TABLE alike_totals (
    given_month CHAR(7)     NOT NULL,
    matter      VARCHAR(64) NOT NULL,
    cause       VARCHAR(32) NOT NULL,
    grade       SMALLINT    NOT NULL,
    decided     BIGINT      NOT NULL,
    PRIMARY KEY (given_month, matter, cause, grade)
);
