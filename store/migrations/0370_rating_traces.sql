-- +goose Up
-- From where a rating came, for signs of cheating (clause 9(2), R48): keyed digests and an account, no address.
-- Deleted by the retention table; no figure and no proof rests on it.
CREATE TABLE rating_traces (
    rating_id VARCHAR(32) NOT NULL PRIMARY KEY,
    -- HMAC-SM3 of address, browser and language, '' where that says nothing; key_id is the key's.
    client    VARCHAR(64) NOT NULL,
    key_id    VARCHAR(64) NOT NULL,
    -- Who of the staff was signed in in that browser, '' for nobody.
    session   VARCHAR(64) NOT NULL,
    added_at  BIGINT      NOT NULL,
    CONSTRAINT rating_traces_rating FOREIGN KEY (rating_id) REFERENCES ratings (id)
);
