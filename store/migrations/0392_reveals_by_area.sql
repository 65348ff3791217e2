-- +goose Up
-- The page of requests: those of an area, the newest first (clause 9(2)).
CREATE INDEX reveals_by_area ON reveals (area, asked_at);
