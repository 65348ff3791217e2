-- +goose Up
-- Who kept a box, from when until when (R15).
CREATE TABLE box_keepers (
    id          VARCHAR(32) NOT NULL PRIMARY KEY,
    box_id      VARCHAR(32) NOT NULL,
    -- The box while it lasts, NULL afterwards: a box has one keeper.
    open_box_id VARCHAR(32) NULL,
    person      VARCHAR(64) NOT NULL,
    from_at     BIGINT      NOT NULL,
    -- 0 while it lasts.
    until_at    BIGINT      NOT NULL,
    assigned_by VARCHAR(64) NOT NULL,
    CONSTRAINT box_keepers_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    CONSTRAINT box_keepers_one UNIQUE (open_box_id),
    CONSTRAINT box_keepers_open CHECK ((until_at = 0) = (open_box_id IS NOT NULL)),
    CONSTRAINT box_keepers_span CHECK (until_at = 0 OR until_at >= from_at)
);
