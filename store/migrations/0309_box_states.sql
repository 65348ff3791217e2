-- +goose Up
-- Where a box stood and whether it was in use, from when on (6(2), R13, R16). Append-only, each with a leaf; boxes has
-- what holds now. A box of before has no row until it is changed: it stands as it was registered.
CREATE TABLE box_states (
    box_id  VARCHAR(32)  NOT NULL,
    seq     BIGINT       NOT NULL,
    state   VARCHAR(20)  NOT NULL,
    hall_id VARCHAR(64)  NOT NULL,
    place   VARCHAR(200) NOT NULL,
    from_at BIGINT       NOT NULL,
    set_at  BIGINT       NOT NULL,
    set_by  VARCHAR(64)  NOT NULL,
    reason  VARCHAR(800) NOT NULL,
    nonce   BLOB         NOT NULL,
    PRIMARY KEY (box_id, seq),
    CONSTRAINT box_states_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    CONSTRAINT box_states_hall FOREIGN KEY (hall_id) REFERENCES orgs (id),
    CONSTRAINT box_states_state CHECK (state IN ('active', 'out_of_use', 'removed')),
    CONSTRAINT box_states_span CHECK (from_at <= set_at)
);
