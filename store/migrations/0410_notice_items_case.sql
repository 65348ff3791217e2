-- +goose Up
-- What a rater is told of: the case it is about, with person ''. '' for what staff are told of.
ALTER TABLE notice_items ADD COLUMN case_id VARCHAR(32) NOT NULL DEFAULT '';
