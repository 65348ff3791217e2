-- +goose Up
-- Of cases at windows of other units the second key is county, finding and unit. By them stand the cuts served, served_cause, served_link and
-- served_owed, whose first key is the window.
ALTER TABLE case_tallies MODIFY k2 VARCHAR(96) NOT NULL;
