-- +goose Up
-- In whose place the actor acts: the person absent at first, then the substitutes between who are
-- absent too, separated by commas; '' under one's own post.
ALTER TABLE acts ADD COLUMN as_for VARCHAR(200) NOT NULL DEFAULT '';
