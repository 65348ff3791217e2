-- +goose Up
-- Background duties that one node at a time performs. The token grows with each change of the
-- holder and is written with what the holder writes, so that a holder who slept past its lease
-- cannot undo its successor's work.
CREATE TABLE leases (
    name       VARCHAR(64)  NOT NULL PRIMARY KEY,
    holder     VARCHAR(100) NOT NULL,
    token      BIGINT       NOT NULL,
    expires_at BIGINT       NOT NULL,
    CONSTRAINT leases_token CHECK (token >= 1)
);
