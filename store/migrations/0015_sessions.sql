-- +goose Up
-- Sign-in sessions. Only the token's SHA-256 is kept: who reads the table cannot sign in with it.
CREATE TABLE sessions (
    token_hash CHAR(64) NOT NULL PRIMARY KEY,
    data       BLOB     NOT NULL,
    expires_at BIGINT   NOT NULL,
    CONSTRAINT sessions_hash CHECK (LENGTH(token_hash) = 64)
);
