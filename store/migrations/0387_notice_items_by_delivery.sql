-- +goose Up
-- What waits to be bundled, and what a delivery tells of.
CREATE INDEX notice_items_by_delivery ON notice_items (delivery_id, person, way);
