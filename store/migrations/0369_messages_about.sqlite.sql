-- +goose Up
-- Messages about probes too (clause 9(2)); what they may be about is the program's to say from here on. SQLite
-- changes a constraint in the text of its schema, as in 0187; the next migration's new table tells open
-- connections that it is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (about IN (''absence'', ''watch''))', 'CHECK (about <> '''')') WHERE type = 'table' AND name = 'messages';
PRAGMA writable_schema = RESET;
