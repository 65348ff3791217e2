-- +goose Up
-- The steps of write-offs of before they were kept apart, from the events.
INSERT INTO write_off_steps (case_id, seq, at, stage)
    SELECT case_id, seq, at, JSON_UNQUOTE(JSON_EXTRACT(CONVERT(body USING utf8mb4), '$.stages.write_off')) FROM case_events
    WHERE JSON_UNQUOTE(JSON_EXTRACT(CONVERT(body USING utf8mb4), '$.stages.write_off')) <> '';
