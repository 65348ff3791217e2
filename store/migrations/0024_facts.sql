-- +goose Up
-- Facts about this database itself: whether it was created as a demo, what was loaded into it.
CREATE TABLE facts (
    name    VARCHAR(64)  NOT NULL PRIMARY KEY,
    content VARCHAR(500) NOT NULL
);
