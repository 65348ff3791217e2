-- +goose Up
-- Leaves that wait, in the order in which the ledger takes them: a commit of intake appends to one page. A key of random
-- references made it touch a page for each row, which SQLite writes whole, twice. InnoDB logs rows, and keeps its key.
CREATE TABLE pending_leaves_by_time (
    kind     VARCHAR(16) NOT NULL,
    ref      VARCHAR(64) NOT NULL,
    digest   CHAR(64)    NOT NULL,
    added_at BIGINT      NOT NULL,
    PRIMARY KEY (added_at, kind, ref)
) WITHOUT ROWID;
INSERT INTO pending_leaves_by_time (kind, ref, digest, added_at) SELECT kind, ref, digest, added_at FROM pending_leaves;
DROP TABLE pending_leaves;
ALTER TABLE pending_leaves_by_time RENAME TO pending_leaves;
