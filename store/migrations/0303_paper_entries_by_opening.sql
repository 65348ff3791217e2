-- +goose Up
CREATE INDEX paper_entries_by_opening ON paper_entries (opening_id, state, serial);
