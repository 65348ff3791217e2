-- +goose Up
-- What is to be deleted.
CREATE INDEX rating_traces_by_age ON rating_traces (added_at);
