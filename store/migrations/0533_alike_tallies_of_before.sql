-- +goose Up
-- What was counted before this table was there.
INSERT INTO alike_tallies (given_month, matter, cause, grade, area, decided, concluded, confirmed, written_off, accepted, in_time, appealed, upheld)
SELECT given_month, matter, cause, grade, area, COUNT(*),
    SUM((1 - written_off) * concluded),
    SUM((1 - written_off) * concluded * (CASE WHEN finding IN ('substantiated', 'fixed_at_once') THEN 1 ELSE 0 END)),
    SUM(written_off),
    SUM((1 - written_off) * accepted),
    SUM((1 - written_off) * in_time),
    SUM(CASE WHEN appeal <> '' THEN 1 ELSE 0 END),
    SUM(CASE WHEN appeal = 'upheld' THEN 1 ELSE 0 END)
FROM (SELECT f.*, (CASE WHEN LENGTH(m.task_code) = 31 THEN SUBSTR(m.task_code, 19) ELSE f.matter_id END) AS matter
    FROM case_figures f LEFT JOIN matters m ON m.id = f.matter_id
    WHERE f.cause <> '' AND (f.concluded = 1 OR f.written_off = 1)) decided
GROUP BY given_month, matter, cause, grade, area;
