-- +goose Up
-- How many ratings of each grade came in of a unit or of a member of staff, by half-day: what the rated side is told of itself, in
-- batches, is read from here and not from all ratings. Counted with the figures, behind the intake: an index would cost it a tenth.
CREATE TABLE received_counts (
    kind  VARCHAR(8)  NOT NULL,
    id    VARCHAR(64) NOT NULL,
    -- The half-day's beginning in Asia/Shanghai, microseconds.
    began BIGINT      NOT NULL,
    g1    BIGINT      NOT NULL,
    g2    BIGINT      NOT NULL,
    g3    BIGINT      NOT NULL,
    g4    BIGINT      NOT NULL,
    g5    BIGINT      NOT NULL,
    PRIMARY KEY (kind, id, began)
);
