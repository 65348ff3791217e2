-- +goose Up
-- A week may end with an opening that the second person has not confirmed (6(2)).
ALTER TABLE box_weeks DROP CONSTRAINT box_weeks_verdict,
    ADD CONSTRAINT box_weeks_verdict CHECK (verdict IN ('kept', 'missed', 'no_workday', 'out_of_use', 'unconfirmed'));
