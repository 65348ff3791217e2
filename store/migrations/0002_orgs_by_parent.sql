-- +goose Up
-- Children of a place, and everything below it level by level.
CREATE INDEX orgs_by_parent ON orgs (parent);
