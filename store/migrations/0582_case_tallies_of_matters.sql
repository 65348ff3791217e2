-- +goose Up
-- Cases by matter summed over all channels, as their ratings are.
INSERT INTO case_tallies (given_month, cut, k1, k2, channel, cases, written_off, concluded, called, call_exempt, replied, ordered, accepted, in_time, overdue,
    unit_overdue, delays, delayed_cases, took)
SELECT given_month, 'matter_all', k1, '', '', SUM(cases), SUM(written_off), SUM(concluded), SUM(called), SUM(call_exempt), SUM(replied), SUM(ordered), SUM(accepted),
    SUM(in_time), SUM(overdue), SUM(unit_overdue), SUM(delays), SUM(delayed_cases), SUM(took) FROM case_tallies
WHERE cut = 'matter' GROUP BY given_month, k1;
