-- +goose Up
-- Lists that somebody had made as a file, for offices (clauses 7(1), 9(2)): who, which list with which filter, with which
-- posts. What became of it is in export_states. Append-only.
CREATE TABLE exports (
    id       VARCHAR(32)   NOT NULL PRIMARY KEY,
    person   VARCHAR(64)   NOT NULL,
    lang     VARCHAR(2)    NOT NULL,
    list     VARCHAR(64)   NOT NULL,
    -- The page's address with its filter.
    address  VARCHAR(1024) NOT NULL,
    -- The posts that it was asked with: while the file is made, and at each download, the person still holds them all.
    posts    VARCHAR(4000) NOT NULL,
    -- Rows as counted at the beginning, 0 where the list does not count.
    total    BIGINT        NOT NULL,
    asked_at BIGINT        NOT NULL
);
