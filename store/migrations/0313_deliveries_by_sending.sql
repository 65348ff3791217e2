-- +goose Up
-- What was sent in the last hour, for the lag.
CREATE INDEX deliveries_by_sending ON deliveries (upstream, sent_at);
