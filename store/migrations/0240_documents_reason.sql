-- +goose Up
-- Why a document takes the place of another: 'moved', what it tells has moved, or what was wrong with the
-- former one; '' where it is the first about its subject. about says which: NAME@STATE, NAME@STATE#2.
ALTER TABLE documents ADD COLUMN reason VARCHAR(32) NOT NULL DEFAULT '';
