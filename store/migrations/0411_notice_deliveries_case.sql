-- +goose Up
-- The case whose rater a notice goes to, with person ''. NULL for one to staff, so that those are not alike.
ALTER TABLE notice_deliveries ADD COLUMN case_id VARCHAR(32) NULL;
