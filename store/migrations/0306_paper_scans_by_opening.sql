-- +goose Up
-- The scans of an opening that no entry has taken yet.
CREATE INDEX paper_scans_by_opening ON paper_scans (opening_id, added_at);
