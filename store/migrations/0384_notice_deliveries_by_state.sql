-- +goose Up
-- What is to be sent next, and what is parked.
CREATE INDEX notice_deliveries_by_state ON notice_deliveries (state, next_at);
