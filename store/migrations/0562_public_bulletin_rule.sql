-- +goose Up
-- By which version of the rule that was made (regulation.PublicBulletinRule): verify makes anew what the present one can.
ALTER TABLE public_bulletins ADD COLUMN rule INTEGER NOT NULL DEFAULT 0;
