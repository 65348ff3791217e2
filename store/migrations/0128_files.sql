-- +goose Up
-- Evidence files: content-addressed by SHA-256, encrypted in the data folder. A row stands for a
-- file somebody staged; until an act's transaction binds it to a case it may be swept.
CREATE TABLE files (
    digest    CHAR(64)     NOT NULL PRIMARY KEY,
    -- By content, never by name.
    mime      VARCHAR(100) NOT NULL,
    size      BIGINT       NOT NULL,
    stored_at BIGINT       NOT NULL,
    CONSTRAINT files_size CHECK (size > 0)
);
