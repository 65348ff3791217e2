-- +goose Up
-- 1 where somebody else set the password: at the next sign-in it opens nothing but its change.
ALTER TABLE accounts ADD COLUMN first_password SMALLINT NOT NULL DEFAULT 0 CHECK (first_password IN (0, 1));
