-- +goose Up
-- The discipline officer's list of an area, and the upper level's, newest first.
CREATE INDEX escalations_by_area ON escalations (sent_to, area, at);
