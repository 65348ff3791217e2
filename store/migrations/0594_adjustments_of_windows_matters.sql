-- +goose Up
-- What is taken from those sums. What came and went again leaves no row.
INSERT INTO figure_adjustments (given_month, cut, k1, k2, channel, dimension, g1, g2, g3, g4, g5)
SELECT given_month, 'window_matters', k1, k2, '', '', SUM(g1), SUM(g2), SUM(g3), SUM(g4), SUM(g5) FROM figure_adjustments
WHERE cut = 'window_matter' AND dimension = '' GROUP BY given_month, k1, k2
HAVING SUM(g1) <> 0 OR SUM(g2) <> 0 OR SUM(g3) <> 0 OR SUM(g4) <> 0 OR SUM(g5) <> 0;
