-- +goose Up
-- All entries of one rating.
CREATE INDEX entries_by_rating ON entries (rating_id);
