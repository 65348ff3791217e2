-- +goose Up
-- Two more ways to discipline (clause 8(4)): a supervisor refers with reasons, and established
-- pressure on a rater.
ALTER TABLE escalations DROP CONSTRAINT escalations_discipline,
    ADD CONSTRAINT escalations_discipline CHECK (sent_to <> 'discipline'
        OR reason IN ('unsigned', 'rectification_overdue', 'insufficient', 'referred', 'pressure'));
