-- +goose Up
-- Batches of numbered paper forms, each issued for one box (6(2), R14).
CREATE TABLE paper_batches (
    id           VARCHAR(32)  NOT NULL PRIMARY KEY,
    box_id       VARCHAR(32)  NOT NULL,
    -- The beginning of its serials, a batch's own.
    prefix       VARCHAR(8)   NOT NULL,
    first_number BIGINT       NOT NULL,
    form_count   BIGINT       NOT NULL,
    state        VARCHAR(16)  NOT NULL,
    note         VARCHAR(400) NOT NULL,
    issued_at    BIGINT       NOT NULL,
    issued_by    VARCHAR(64)  NOT NULL,
    -- 0 and '' while sheets of it lie out.
    closed_at    BIGINT       NOT NULL,
    closed_by    VARCHAR(64)  NOT NULL,
    CONSTRAINT paper_batches_box FOREIGN KEY (box_id) REFERENCES boxes (id),
    CONSTRAINT paper_batches_prefix UNIQUE (prefix),
    CONSTRAINT paper_batches_count CHECK (first_number >= 1 AND form_count >= 1),
    CONSTRAINT paper_batches_state CHECK (state IN ('issued', 'used_up', 'destroyed')),
    CONSTRAINT paper_batches_closed CHECK ((state = 'issued') = (closed_at = 0))
);
