-- +goose Up
-- The entries of an opening, for the queue and for what is left of its count.
CREATE INDEX paper_entries_by_opening ON paper_entries (opening_id, state, serial);
