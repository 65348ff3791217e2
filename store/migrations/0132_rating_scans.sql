-- +goose Up
-- Scans of paper forms (R10): the file behind ratings.scan_digest, held against the sweep.
CREATE TABLE rating_scans (
    rating_id VARCHAR(32) NOT NULL PRIMARY KEY,
    digest    CHAR(64)    NOT NULL,
    CONSTRAINT rating_scans_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    CONSTRAINT rating_scans_file FOREIGN KEY (digest) REFERENCES files (digest)
);
