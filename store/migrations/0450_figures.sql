-- +goose Up
-- Ratings counted by month and cut (clause 7(1)), each row a sum over the ledger's leaves up to the position in the fact
-- "figures". It can be made anew from them at any time.
CREATE TABLE figures (
    given_month CHAR(7)     NOT NULL,
    cut         VARCHAR(20) NOT NULL,
    -- The two parts by which the cut counts, '' for none.
    k1          VARCHAR(64) NOT NULL,
    k2          VARCHAR(64) NOT NULL,
    channel     VARCHAR(16) NOT NULL,
    -- '' for the grade itself.
    dimension   VARCHAR(40) NOT NULL,
    g1          BIGINT      NOT NULL,
    g2          BIGINT      NOT NULL,
    g3          BIGINT      NOT NULL,
    g4          BIGINT      NOT NULL,
    g5          BIGINT      NOT NULL,
    -- Sessions at an evaluator that ended without a grade.
    not_rated   BIGINT      NOT NULL,
    PRIMARY KEY (given_month, cut, k1, k2, channel, dimension)
);
