-- +goose Up
-- How the rated side's appeal was decided last, 'upheld' or 'dismissed', '' where none was (R52): comparing authorities asked the
-- events of every case for it.
ALTER TABLE case_figures ADD COLUMN appeal VARCHAR(16) NOT NULL DEFAULT '';
