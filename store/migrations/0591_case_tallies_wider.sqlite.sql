-- +goose Up
-- Of cases at windows of other units the second key is county, finding and unit. By them stand the cuts served, served_cause, served_link and
-- served_owed, whose first key is the window. SQLite keeps texts of any width: nothing is
-- to be done.
UPDATE case_tallies SET k2 = k2 WHERE cut = '';
