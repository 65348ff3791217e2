-- +goose Up
-- Wrong tries to open a handled matter by its number and the applicant's name (6(3)): each makes the next wait
-- longer, by the machines' clock. The number is a keyed digest, since anything may be typed.
CREATE TABLE matter_tries (
    number_index VARCHAR(64) NOT NULL PRIMARY KEY,
    failures     BIGINT      NOT NULL,
    open_at      BIGINT      NOT NULL
);
