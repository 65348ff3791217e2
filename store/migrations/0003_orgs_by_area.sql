-- +goose Up
-- The authority (or hotline, or discipline body) of an area.
CREATE INDEX orgs_by_area ON orgs (area, kind);
