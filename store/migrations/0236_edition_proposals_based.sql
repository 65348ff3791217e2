-- +goose Up
-- A proposal made so far changes the edition before its day.
UPDATE edition_proposals SET base = COALESCE((SELECT e.edition FROM editions e WHERE e.from_at < edition_proposals.from_at ORDER BY e.from_at DESC LIMIT 1), '');
