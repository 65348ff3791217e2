-- +goose Up
-- What one of the two who opened a box reported (6(2), R16): it is a row of box_openings, with the same id, once the other
-- has confirmed it or the supervisor lets it count. Append-only but for state and settled_at, each with a leaf. Openings
-- of before have none: they stand as confirmed.
CREATE TABLE box_opening_reports (
    id             VARCHAR(32)  NOT NULL PRIMARY KEY,
    box_id         VARCHAR(32)  NOT NULL,
    -- The box's hall and its area, for the reader's scope.
    hall_id        VARCHAR(64)  NOT NULL,
    area           CHAR(6)      NOT NULL,
    iso_week       CHAR(8)      NOT NULL,
    opened_at      BIGINT       NOT NULL,
    opener_1       VARCHAR(64)  NOT NULL,
    opener_2       VARCHAR(64)  NOT NULL,
    old_seal       VARCHAR(64)  NOT NULL,
    old_seal_state VARCHAR(16)  NOT NULL,
    new_seal       VARCHAR(64)  NOT NULL,
    counted        BIGINT       NOT NULL,
    letters        BIGINT       NOT NULL,
    remarks        VARCHAR(800) NOT NULL,
    recorded_at    BIGINT       NOT NULL,
    recorded_by    VARCHAR(64)  NOT NULL,
    nonce          BLOB         NOT NULL,
    -- The latest of its answers; not in the leaf.
    state          VARCHAR(16)  NOT NULL,
    -- Until when the second person is to answer.
    answer_by      BIGINT       NOT NULL,
    -- 0 while nothing was decided.
    settled_at     BIGINT       NOT NULL,
    CONSTRAINT box_opening_reports_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    CONSTRAINT box_opening_reports_two CHECK (opener_1 <> opener_2),
    CONSTRAINT box_opening_reports_seal CHECK (old_seal_state IN ('intact', 'broken', 'missing')),
    CONSTRAINT box_opening_reports_count CHECK (counted >= 0 AND letters >= 0),
    CONSTRAINT box_opening_reports_state CHECK (state IN ('to_confirm', 'confirmed', 'refused', 'upheld', 'set_aside')),
    CONSTRAINT box_opening_reports_settled CHECK ((state IN ('to_confirm', 'refused')) = (settled_at = 0))
);
