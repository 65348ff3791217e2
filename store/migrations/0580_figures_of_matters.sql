-- +goose Up
-- Matters summed over all channels: of a prefecture's ten thousand, each comes by several, and a page shows them all.
INSERT INTO figures (given_month, cut, k1, k2, channel, dimension, g1, g2, g3, g4, g5, not_rated)
SELECT given_month, 'matter_all', k1, '', '', '', SUM(g1), SUM(g2), SUM(g3), SUM(g4), SUM(g5), SUM(not_rated) FROM figures
WHERE cut = 'matter' AND dimension = '' GROUP BY given_month, k1;
