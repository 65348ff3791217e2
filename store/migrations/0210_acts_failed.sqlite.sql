-- +goose Up
-- One more outcome of a request: 'failed', the database will not take it however often it is asked
-- (a constraint, a value that does not fit). What was typed stays with it, so that it can be recorded
-- once the cause is mended; the column missing holds the cause. SQLite changes a constraint in the text
-- of its schema, as in 0150; the next migration's new table tells open connections that it is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (status IN (''pending'', ''done'', ''refused''))',
    'CHECK (status IN (''pending'', ''done'', ''refused'', ''failed''))') WHERE type = 'table' AND name = 'acts';
PRAGMA writable_schema = RESET;
