-- +goose Up
-- Whether a file is bound to any docket.
CREATE INDEX docket_files_by_digest ON docket_files (digest);
