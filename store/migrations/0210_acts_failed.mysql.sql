-- +goose Up
-- One more outcome of a request: 'failed', the database will not take it however often it is asked
-- (a constraint, a value that does not fit). What was typed stays with it, so that it can be recorded
-- once the cause is mended; the column missing holds the cause.
ALTER TABLE acts DROP CONSTRAINT acts_status,
    ADD CONSTRAINT acts_status CHECK (status IN ('pending', 'done', 'refused', 'failed'));
