-- +goose Up
-- A hall's devices, window by window.
CREATE INDEX devices_by_hall ON devices (hall_id, window_id);
