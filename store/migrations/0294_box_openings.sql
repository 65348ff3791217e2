-- +goose Up
-- Openings of suggestion boxes by two people (6(2), R16). Append-only but for the two sums, each with a leaf: figures
-- rest on what was counted.
CREATE TABLE box_openings (
    id             VARCHAR(32)  NOT NULL PRIMARY KEY,
    box_id         VARCHAR(32)  NOT NULL,
    -- The box's hall and its area, for the reader's scope.
    hall_id        VARCHAR(64)  NOT NULL,
    area           CHAR(6)      NOT NULL,
    -- Such as 2026-W48, of opened_at in Asia/Shanghai.
    iso_week       CHAR(8)      NOT NULL,
    opened_at      BIGINT       NOT NULL,
    opener_1       VARCHAR(64)  NOT NULL,
    opener_2       VARCHAR(64)  NOT NULL,
    -- '' where there was none on the box.
    old_seal       VARCHAR(64)  NOT NULL,
    old_seal_state VARCHAR(16)  NOT NULL,
    new_seal       VARCHAR(64)  NOT NULL,
    -- Numbered forms found, counted before any is entered; 0 is an answer.
    counted        BIGINT       NOT NULL,
    -- Citizens' own letters without a number: they are passed on by hand and are outside the count.
    letters        BIGINT       NOT NULL,
    remarks        VARCHAR(800) NOT NULL,
    recorded_at    BIGINT       NOT NULL,
    recorded_by    VARCHAR(64)  NOT NULL,
    nonce          BLOB         NOT NULL,
    -- What became of the forms counted; not in the leaf.
    entered        BIGINT       NOT NULL,
    voided         BIGINT       NOT NULL,
    CONSTRAINT box_openings_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    -- The same form sent twice records one opening.
    CONSTRAINT box_openings_once UNIQUE (box_id, opened_at),
    -- A seal is put on a box once.
    CONSTRAINT box_openings_seal UNIQUE (box_id, new_seal),
    CONSTRAINT box_openings_two CHECK (opener_1 <> opener_2),
    CONSTRAINT box_openings_state CHECK (old_seal_state IN ('intact', 'broken', 'missing')),
    -- Nothing is entered that was not counted.
    CONSTRAINT box_openings_count CHECK (letters >= 0 AND entered >= 0 AND voided >= 0 AND entered + voided <= counted)
);
