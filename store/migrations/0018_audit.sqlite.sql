-- +goose Up
-- Sign-ins, reads of personal data, exports, administration. Append-only: no path of the program
-- updates or deletes a row. Ids and codes only, never what was read. AUTOINCREMENT, so that a
-- number is never used twice. The only differences to the MySQL file are the first column's words.
CREATE TABLE audit (
    id          INTEGER      NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          BIGINT       NOT NULL,
    -- The person, '' where nobody was known (a failed sign-in), 'system' for batches.
    person      VARCHAR(64)  NOT NULL,
    role        VARCHAR(32)  NOT NULL DEFAULT '',
    action      VARCHAR(64)  NOT NULL,
    object_kind VARCHAR(32)  NOT NULL DEFAULT '',
    object_id   VARCHAR(64)  NOT NULL DEFAULT '',
    -- The area and unit that it concerns: what a reader's scope is held against.
    area        VARCHAR(6)   NOT NULL DEFAULT '',
    unit_id     VARCHAR(64)  NOT NULL DEFAULT '',
    -- Why personal data was read: a code.
    purpose     VARCHAR(64)  NOT NULL DEFAULT '',
    outcome     VARCHAR(32)  NOT NULL
);
