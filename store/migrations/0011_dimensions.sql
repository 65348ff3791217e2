-- +goose Up
-- What may be marked beside the grade (clause 4, R08); an administrator may add to them.
CREATE TABLE dimensions (
    id             VARCHAR(32)  NOT NULL PRIMARY KEY,
    position       INTEGER      NOT NULL,
    name_zh        VARCHAR(100) NOT NULL,
    name_en        VARCHAR(100) NOT NULL,
    -- Asked only where a courier was used.
    needs_delivery SMALLINT     NOT NULL,
    CONSTRAINT dimensions_position UNIQUE (position),
    CONSTRAINT dimensions_delivery CHECK (needs_delivery IN (0, 1))
);
