-- +goose Up
-- Messages about probes too (clause 9(2)); what they may be about is the program's to say from here on.
ALTER TABLE messages DROP CONSTRAINT messages_about, ADD CONSTRAINT messages_about CHECK (about <> '');
