-- +goose Up
-- Causes that several cases share are counted by authority among the open cases and those closed of late: read from this index alone,
-- since a case's own row carries its whole state.
CREATE INDEX cases_by_authority ON cases (closed_at, area, authority, id);
