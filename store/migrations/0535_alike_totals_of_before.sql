-- +goose Up
-- What was counted before this table was there.
INSERT INTO alike_totals (given_month, matter, cause, grade, decided)
SELECT given_month, matter, cause, grade, SUM(decided) FROM alike_tallies GROUP BY given_month, matter, cause, grade;
