-- +goose Up
-- Cases that were closed before packages were made get theirs too.
INSERT INTO outbox (kind, ref, added_at) SELECT 'archive_case', CONCAT(id, '/', seq), closed_at FROM cases WHERE closed_at > 0;
