-- +goose Up
-- What was written off, and what counts for others than it was given to, as sums in the cells of figures (R53, R60): taken from what was
-- given it is what counts. A busy month has tens of thousands of such cases, and every question for figures read each.
CREATE TABLE figure_adjustments (
    given_month CHAR(7)     NOT NULL,
    cut         VARCHAR(20) NOT NULL,
    k1          VARCHAR(64) NOT NULL,
    k2          VARCHAR(64) NOT NULL,
    channel     VARCHAR(16) NOT NULL,
    dimension   VARCHAR(40) NOT NULL,
    -- Less than nothing where more went than came.
    g1          BIGINT      NOT NULL,
    g2          BIGINT      NOT NULL,
    g3          BIGINT      NOT NULL,
    g4          BIGINT      NOT NULL,
    g5          BIGINT      NOT NULL,
    PRIMARY KEY (given_month, cut, k1, k2, channel, dimension)
);
