-- +goose Up
-- Ratings that count no more, by the decision of a probe (clause 9(2), R48, R51): an entry against each, nothing
-- is removed. Append-only; the entry of the decision names them, and its leaf proves it.
CREATE TABLE annulments (
    rating_id VARCHAR(32) NOT NULL PRIMARY KEY,
    probe_id  VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    at        BIGINT      NOT NULL,
    CONSTRAINT annulments_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    CONSTRAINT annulments_entry FOREIGN KEY (probe_id, seq) REFERENCES probe_entries (probe_id, seq)
);
