-- +goose Up
-- Two more kinds of events: 'rearmed', a due date was counted again with another calendar, and
-- 'people', a step was laid before others. SQLite changes a constraint only by a copy of the
-- table or, as here, in the text of its schema (https://www.sqlite.org/lang_altertable.html,
-- section 7: no contents on disk depend on a CHECK). The next migration's new table tells open
-- connections that the schema is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (kind IN (''opened'', ''act'', ''deadline''))',
    'CHECK (kind IN (''opened'', ''act'', ''deadline'', ''rearmed'', ''people''))') WHERE type = 'table' AND name = 'case_events';
PRAGMA writable_schema = RESET;
