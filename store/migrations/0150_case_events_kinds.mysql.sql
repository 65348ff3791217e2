-- +goose Up
-- Two more kinds of events: 'rearmed', a due date was counted again with another calendar, and
-- 'people', a step was laid before others.
ALTER TABLE case_events DROP CONSTRAINT case_events_kind,
    ADD CONSTRAINT case_events_kind CHECK (kind IN ('opened', 'act', 'deadline', 'rearmed', 'people'));
