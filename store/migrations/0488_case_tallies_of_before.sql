-- +goose Up
-- What was counted before this table was there. Two statements in one file would not be one step on MySQL.
INSERT INTO case_tallies (given_month, cut, k1, k2, channel, cases, written_off, concluded, called, call_exempt, replied, ordered, accepted, in_time, overdue,
    unit_overdue, delays, delayed_cases, took)
SELECT given_month, cut, k1, k2, channel, COUNT(*), SUM(written_off),
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
FROM (SELECT f.*, c.cut,
    CASE c.cut WHEN 'unit' THEN area WHEN 'hall' THEN hall_id WHEN 'window' THEN hall_id WHEN 'staff' THEN unit_id WHEN 'matter' THEN matter_id WHEN 'county_matter' THEN area WHEN 'cause' THEN area WHEN 'link' THEN area WHEN 'attribution' THEN area WHEN 'cause_link' THEN cause END AS k1,
    CASE c.cut WHEN 'unit' THEN unit_id WHEN 'window' THEN window_id WHEN 'staff' THEN staff_id WHEN 'county_matter' THEN matter_id WHEN 'cause' THEN cause WHEN 'link' THEN link WHEN 'attribution' THEN attribution WHEN 'cause_link' THEN link ELSE '' END AS k2
    FROM case_figures f CROSS JOIN (SELECT 'unit' AS cut UNION ALL SELECT 'hall' UNION ALL SELECT 'window' UNION ALL SELECT 'staff' UNION ALL SELECT 'matter' UNION ALL SELECT 'county_matter' UNION ALL SELECT 'cause' UNION ALL SELECT 'link' UNION ALL SELECT 'attribution' UNION ALL SELECT 'cause_link') c) keyed
GROUP BY given_month, cut, k1, k2, channel;
