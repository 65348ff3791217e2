-- +goose Up
-- Who is eligible at a place.
CREATE INDEX assignments_by_org ON assignments (org_id, role);
