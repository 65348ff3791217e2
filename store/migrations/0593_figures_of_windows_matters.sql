-- +goose Up
-- What was served at each window of each matter, summed over all channels: a window that serves matters of all has a thousand.
INSERT INTO figures (given_month, cut, k1, k2, channel, dimension, g1, g2, g3, g4, g5, not_rated)
SELECT given_month, 'window_matters', k1, k2, '', '', SUM(g1), SUM(g2), SUM(g3), SUM(g4), SUM(g5), SUM(not_rated) FROM figures
WHERE cut = 'window_matter' AND dimension = '' GROUP BY given_month, k1, k2;
