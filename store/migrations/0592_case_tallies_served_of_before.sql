-- +goose Up
-- Cases that were at windows of other units before these were summed up by themselves: county, finding as wide as sixteen letters, and unit.
INSERT INTO case_tallies (given_month, cut, k1, k2, channel, cases, written_off, concluded, called, call_exempt, replied, ordered, accepted, in_time, overdue,
    unit_overdue, delays, delayed_cases, took)
SELECT given_month, cut, window_id, CONCAT(area, '/', SUBSTR(CONCAT(found, '                '), 1, 16), '/', unit_id), '', COUNT(*), SUM(written_off),
    SUM((1 - written_off) * concluded),
    SUM((1 - written_off) * concluded * called),
    SUM((1 - written_off) * concluded * call_exempt),
    SUM((1 - written_off) * concluded * replied),
    SUM((1 - written_off) * ordered),
    SUM((1 - written_off) * accepted),
    SUM((1 - written_off) * in_time),
    SUM((1 - written_off) * overdue),
    SUM((1 - written_off) * unit_overdue),
    SUM((1 - written_off) * delays),
    SUM((1 - written_off) * (CASE WHEN delays > 0 THEN 1 ELSE 0 END)),
    SUM((1 - written_off) * took)
FROM (SELECT f.*, c.cut, CASE c.cut WHEN 'served_cause' THEN f.cause WHEN 'served_link' THEN f.link WHEN 'served_owed' THEN f.attribution ELSE '' END AS found
    FROM case_figures f JOIN service_windows w ON w.id = f.window_id AND w.unit_id <> f.unit_id
    CROSS JOIN (SELECT 'served' AS cut UNION ALL SELECT 'served_cause' UNION ALL SELECT 'served_link' UNION ALL SELECT 'served_owed') c) keyed
GROUP BY given_month, cut, window_id, area, found, unit_id;
