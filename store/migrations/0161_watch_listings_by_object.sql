-- +goose Up
-- The earlier stays of an object.
CREATE INDEX watch_listings_by_object ON watch_listings (kind, object_id, started_at);
