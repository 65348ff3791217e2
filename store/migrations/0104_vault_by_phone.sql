-- +goose Up
-- All ratings of one rater, for access and erasure on request.
CREATE INDEX vault_by_phone ON vault (index_key_id, phone_index);
