-- +goose Up
-- Two more ways to discipline (clause 8(4)): a supervisor refers with reasons, and established
-- pressure on a rater. SQLite changes a constraint only by a copy of the table or, as here, in the
-- text of its schema (https://www.sqlite.org/lang_altertable.html, section 7: no contents on disk
-- depend on a CHECK). The next migration's new index tells open connections that the schema is
-- another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''unsigned'', ''rectification_overdue'', ''insufficient'')',
    '''unsigned'', ''rectification_overdue'', ''insufficient'', ''referred'', ''pressure'')') WHERE type = 'table' AND name = 'escalations';
PRAGMA writable_schema = RESET;
