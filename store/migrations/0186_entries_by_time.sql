-- +goose Up
-- What figures of a month count, in the order of time.
CREATE INDEX entries_by_time ON entries (at, case_id, seq, place);
