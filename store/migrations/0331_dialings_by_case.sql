-- +goose Up
-- May this clerk call this case now?
CREATE INDEX dialings_by_case ON dialings (case_id, clerk, until_at);
