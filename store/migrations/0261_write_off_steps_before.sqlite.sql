-- +goose Up
-- The steps of write-offs of before they were kept apart, from the events.
INSERT INTO write_off_steps (case_id, seq, at, stage)
    SELECT case_id, seq, at, json_extract(CAST(body AS TEXT), '$.stages.write_off') FROM case_events
    WHERE json_extract(CAST(body AS TEXT), '$.stages.write_off') <> '';
