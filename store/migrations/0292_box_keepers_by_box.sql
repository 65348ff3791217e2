-- +goose Up
-- A box's keepers, in their order.
CREATE INDEX box_keepers_by_box ON box_keepers (box_id, from_at);
