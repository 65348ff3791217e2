-- +goose Up
CREATE INDEX paper_scans_by_opening ON paper_scans (opening_id, added_at);
