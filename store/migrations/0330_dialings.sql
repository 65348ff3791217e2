-- +goose Up
-- Which clerk may call which case's rater, on whose assignment and until when (clause 9(2)). Append-only: a
-- further call takes a further assignment.
CREATE TABLE dialings (
    id          VARCHAR(32) NOT NULL PRIMARY KEY,
    case_id     VARCHAR(32) NOT NULL,
    clerk       VARCHAR(64) NOT NULL,
    assigned_by VARCHAR(64) NOT NULL,
    assigned_at BIGINT      NOT NULL,
    until_at    BIGINT      NOT NULL,
    CONSTRAINT dialings_case FOREIGN KEY (case_id) REFERENCES cases (id),
    -- Nobody lets themselves.
    CONSTRAINT dialings_two CHECK (clerk <> assigned_by),
    CONSTRAINT dialings_span CHECK (until_at > assigned_at)
);
