-- +goose Up
-- Editions of public figures are leaves of the ledger, with the names of their day. Empty only of editions of before that, until the
-- next run of what follows dockets gives them their leaves, all at once.
ALTER TABLE public_figures ADD COLUMN nonce BLOB;
