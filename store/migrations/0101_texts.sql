-- +goose Up
-- Free text of citizens and staff, encrypted for its place. The salted digest stands in the
-- event or the rating; the salt stands here, so that destroying a row leaves a digest that
-- proves nothing about anyone.
CREATE TABLE texts (
    -- A rating or a case.
    owner  VARCHAR(32) NOT NULL,
    -- The event's sequence; 0 for a rating.
    seq    BIGINT      NOT NULL,
    field  VARCHAR(64) NOT NULL,
    sealed BLOB        NOT NULL,
    salt   BLOB        NOT NULL,
    PRIMARY KEY (owner, seq, field)
);
