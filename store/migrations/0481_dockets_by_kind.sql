-- +goose Up
-- An authority's dockets of one kind by period, and all of a kind by their age.
CREATE INDEX dockets_by_kind ON dockets (kind, authority, period);
