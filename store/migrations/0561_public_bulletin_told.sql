-- +goose Up
-- What everybody reads of a bulletin, as JSON, with the offices of when it was issued: the same for ever, whatever offices and code become.
-- Empty only of those issued before it was kept, until it is filled in once.
ALTER TABLE public_bulletins ADD COLUMN body MEDIUMBLOB;
