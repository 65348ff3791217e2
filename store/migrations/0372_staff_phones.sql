-- +goose Up
-- Telephones of staff, sealed, to tell whether a rating left one as its rater's (clause 9(2), R48). Nobody reads
-- them: they are compared by their keyed digests.
CREATE TABLE staff_phones (
    person   VARCHAR(64) NOT NULL PRIMARY KEY,
    sealed   BLOB        NOT NULL,
    added_at BIGINT      NOT NULL,
    CONSTRAINT staff_phones_person FOREIGN KEY (person) REFERENCES accounts (person)
);
