-- +goose Up
-- What waits for somebody, which pages count.
CREATE INDEX box_opening_reports_open ON box_opening_reports (state, opener_2);
