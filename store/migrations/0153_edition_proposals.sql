-- +goose Up
-- Editions of the parameters that were proposed (R56). One person proposes, another puts in
-- force; then the edition stands in editions under this name, for cases opened from from_at on.
CREATE TABLE edition_proposals (
    id             VARCHAR(32)  NOT NULL PRIMARY KEY,
    from_at        BIGINT       NOT NULL,
    -- The bureau's interpretation, its day, and on what it rests.
    interpretation VARCHAR(100) NOT NULL,
    decided_on     CHAR(10)     NOT NULL,
    basis          VARCHAR(500) NOT NULL,
    -- JSON object of parameter names and values: what changes.
    changed        TEXT         NOT NULL,
    author         VARCHAR(64)  NOT NULL,
    proposed_at    BIGINT       NOT NULL,
    state          VARCHAR(16)  NOT NULL,
    decided_by     VARCHAR(64)  NOT NULL,
    decided_at     BIGINT       NOT NULL,
    remark         VARCHAR(500) NOT NULL,
    -- The edition that it became.
    edition        VARCHAR(64)  NOT NULL,
    CONSTRAINT edition_proposals_state CHECK (state IN ('proposed', 'in_force', 'rejected', 'withdrawn')),
    CONSTRAINT edition_proposals_decided CHECK ((state = 'proposed') = (decided_at = 0)),
    CONSTRAINT edition_proposals_eyes CHECK (state NOT IN ('in_force', 'rejected') OR decided_by <> author)
);
