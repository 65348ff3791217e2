-- +goose Up
-- Compensating entries (clauses 9(2), 8(4); R45, R51, R53): what was counted is never removed, it is
-- counted against. Figures count ratings plus these. Append-only; each row repeats what its event
-- says, whose leaf proves it.
CREATE TABLE entries (
    case_id     VARCHAR(32) NOT NULL,
    seq         BIGINT      NOT NULL,
    -- One event may have several.
    place       SMALLINT    NOT NULL,
    rating_id   VARCHAR(32) NOT NULL,
    kind        VARCHAR(16) NOT NULL,
    -- -1 the rating counts no more, 1 it counts again, 0 for somebody else, or a measure revoked.
    sign        SMALLINT    NOT NULL,
    from_unit   VARCHAR(64) NOT NULL,
    from_window VARCHAR(64) NOT NULL,
    from_staff  VARCHAR(64) NOT NULL,
    to_unit     VARCHAR(64) NOT NULL,
    to_window   VARCHAR(64) NOT NULL,
    to_staff    VARCHAR(64) NOT NULL,
    at          BIGINT      NOT NULL,
    PRIMARY KEY (case_id, seq, place),
    CONSTRAINT entries_event FOREIGN KEY (case_id, seq) REFERENCES case_events (case_id, seq),
    CONSTRAINT entries_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    CONSTRAINT entries_sign CHECK ((kind = 'write_off' AND sign = -1) OR (kind = 'reversal' AND sign = 1)
        OR (kind IN ('reattribution', 'revocation') AND sign = 0)),
    -- A write-off and a revocation count against somebody, a reversal for somebody, a
    -- reattribution both.
    CONSTRAINT entries_from CHECK ((from_unit = '') = (kind = 'reversal')),
    CONSTRAINT entries_to CHECK ((to_unit <> '') = (kind IN ('reversal', 'reattribution')))
);
