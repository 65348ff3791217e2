-- +goose Up
-- When a person was last sent something by a way.
CREATE INDEX notice_deliveries_by_person ON notice_deliveries (person, way, at);
