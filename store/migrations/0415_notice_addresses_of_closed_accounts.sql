-- +goose Up
-- An address for notices ends with its owner's account since this release; those of accounts closed before go now.
DELETE FROM notice_addresses WHERE person IN (SELECT person FROM accounts WHERE disabled_at > 0);
