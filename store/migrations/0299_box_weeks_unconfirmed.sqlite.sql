-- +goose Up
-- A week may end with an opening that the second person has not confirmed (6(2)). SQLite changes a constraint in the
-- text of its schema, as in 0187; the next migration's new table tells open connections that it is another.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''no_workday'', ''out_of_use'')', '''no_workday'', ''out_of_use'', ''unconfirmed'')') WHERE type = 'table' AND name = 'box_weeks';
PRAGMA writable_schema = RESET;
