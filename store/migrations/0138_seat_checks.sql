-- +goose Up
-- From these instants on somebody holds fewer posts than before: dismissed, disabled, away or back.
-- Open cases that wait before their seats are looked at once more, and the row goes when that is done.
CREATE TABLE seat_checks (
    at     BIGINT      NOT NULL,
    person VARCHAR(64) NOT NULL,
    PRIMARY KEY (at, person)
);
