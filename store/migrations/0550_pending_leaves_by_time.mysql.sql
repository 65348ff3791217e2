-- +goose Up
-- InnoDB logs what changed of a page, not the page: its key stays (SQLite's file says why it changes there).
ALTER TABLE pending_leaves COMMENT = 'rows that the ledger has not taken in yet';
