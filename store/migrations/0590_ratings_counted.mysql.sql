-- +goose Up
-- All of a rating that counts: a recount of millions reads this, not rows that are five times as wide. Ratings are written in the order
-- in which they come in, so it grows at its end. The id stands in every index here.
CREATE INDEX ratings_counted ON ratings (received_at, given_at, given_month, channel, area, unit_id, hall_id, window_id, staff_id, matter_id, grade, dimensions);
