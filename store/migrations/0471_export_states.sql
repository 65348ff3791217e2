-- +goose Up
-- What became of exports, the last one counts; each stretch of rows is one. Append-only.
CREATE TABLE export_states (
    export_id VARCHAR(32)   NOT NULL,
    seq       BIGINT        NOT NULL,
    at        BIGINT        NOT NULL,
    state     VARCHAR(16)   NOT NULL,
    -- Rows done so far, and bytes of the file once it is made.
    rows_done BIGINT        NOT NULL,
    bytes     BIGINT        NOT NULL,
    -- The address at which the next stretch begins, '' behind the last one.
    rest      VARCHAR(1024) NOT NULL,
    -- Two nodes at once, or a node and a cancellation, do not both go on.
    PRIMARY KEY (export_id, seq),
    CONSTRAINT export_states_export FOREIGN KEY (export_id) REFERENCES exports (id),
    CONSTRAINT export_states_state CHECK (state IN ('given', 'running', 'made', 'cancelled', 'ended', 'failed', 'deleted'))
);
