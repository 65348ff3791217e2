-- +goose Up
-- Runs of the checks over the whole record, newest last. The row is written when a run begins, so
-- that of several nodes one takes the night's turn.
CREATE TABLE verifications (
    -- The turn: the instant at which it was due, or, at the console, at which it began.
    turn     BIGINT      NOT NULL PRIMARY KEY,
    -- schedule or console.
    origin   VARCHAR(16) NOT NULL,
    began_at BIGINT      NOT NULL,
    -- 0 while it runs, and for ever where its process ended.
    ended_at BIGINT      NOT NULL,
    found    BIGINT      NOT NULL,
    -- JSON: each check with what it looked at, what it found, how long it took, or why it was left out.
    checks   TEXT        NOT NULL
);
