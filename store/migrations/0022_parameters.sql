-- +goose Up
-- The values of an edition: each with who set it, when, and on what it rests (R56).
CREATE TABLE parameters (
    edition    VARCHAR(64)  NOT NULL,
    name       VARCHAR(64)  NOT NULL,
    setting    INTEGER      NOT NULL,
    author     VARCHAR(64)  NOT NULL,
    decided_on CHAR(10)     NOT NULL,
    basis      VARCHAR(500) NOT NULL,
    PRIMARY KEY (edition, name),
    CONSTRAINT parameters_edition FOREIGN KEY (edition) REFERENCES editions (edition),
    CONSTRAINT parameters_setting CHECK (setting >= 0),
    CONSTRAINT parameters_basis CHECK (basis <> '')
);
