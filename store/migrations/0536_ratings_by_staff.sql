-- +goose Up
-- What the rated side is told of itself is counted from this index alone: of one person's ratings, not of all.
CREATE INDEX ratings_by_staff ON ratings (staff_id, received_at, given_at, grade);
