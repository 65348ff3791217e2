-- +goose Up
-- On which ratings the evidence of a probe rests: what a case shows of it.
CREATE TABLE probe_ratings (
    rating_id VARCHAR(32) NOT NULL,
    probe_id  VARCHAR(32) NOT NULL,
    PRIMARY KEY (rating_id, probe_id),
    CONSTRAINT probe_ratings_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    CONSTRAINT probe_ratings_probe FOREIGN KEY (probe_id) REFERENCES probes (id)
);
