-- +goose Up
-- The next to be sent, the oldest first, and what waits or is parked.
CREATE INDEX deliveries_by_state ON deliveries (upstream, state, since_at, id);
