-- +goose Up
-- Does an export still need this file? Asked by the sweep of files.
CREATE INDEX export_files_by_digest ON export_files (digest);
