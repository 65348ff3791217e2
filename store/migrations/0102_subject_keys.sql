-- +goose Up
-- One wrapped data key a rater. To delete the row is to erase the rater: nothing in the vault
-- opens again. Nothing refers to it, so that it can be backed up and kept apart.
CREATE TABLE subject_keys (
    subject VARCHAR(32) NOT NULL PRIMARY KEY,
    wrapped BLOB        NOT NULL
);
