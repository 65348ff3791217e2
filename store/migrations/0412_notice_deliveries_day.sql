-- +goose Up
-- The civil day in Asia/Shanghai on which a notice to a rater was made; NULL for one to staff.
ALTER TABLE notice_deliveries ADD COLUMN day CHAR(10) NULL;
