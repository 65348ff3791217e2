-- +goose Up
-- What was counted before this table was there.
INSERT INTO received_counts (kind, id, began, g1, g2, g3, g4, g5)
SELECT came.kind, came.id, came.at - (came.at + 28800000000) % 43200000000,
    SUM(CASE WHEN came.grade = 1 THEN 1 ELSE 0 END), SUM(CASE WHEN came.grade = 2 THEN 1 ELSE 0 END), SUM(CASE WHEN came.grade = 3 THEN 1 ELSE 0 END),
    SUM(CASE WHEN came.grade = 4 THEN 1 ELSE 0 END), SUM(CASE WHEN came.grade = 5 THEN 1 ELSE 0 END)
FROM (SELECT w.kind, CASE WHEN w.kind = 'unit' THEN r.unit_id ELSE r.staff_id END AS id, r.grade, CASE WHEN r.received_at > 0 THEN r.received_at ELSE r.given_at END AS at
    FROM ratings r JOIN leaves l ON l.kind = 'rating' AND l.ref = r.id CROSS JOIN (SELECT 'unit' AS kind UNION ALL SELECT 'staff') w
    WHERE l.position < (SELECT content + 0 FROM facts WHERE name = 'figures') AND (w.kind = 'unit' OR r.staff_id <> '')) came
GROUP BY 1, 2, 3;
