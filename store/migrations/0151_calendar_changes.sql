-- +goose Up
-- Notices proposed for the working calendar: of the State Council, of the prefecture or of a
-- county. One person proposes, another puts in force; then the days stand in calendar_layers
-- under the same id. What was decided is never changed, a mistake is mended by a further notice.
CREATE TABLE calendar_changes (
    id          VARCHAR(32)  NOT NULL PRIMARY KEY,
    -- '' for a State Council notice, else the prefecture's or county's division.
    area        VARCHAR(6)   NOT NULL,
    -- Who issued the document, its number and its day.
    name        VARCHAR(100) NOT NULL,
    number      VARCHAR(100) NOT NULL,
    issued_on   CHAR(10)     NOT NULL,
    -- CSV with the header date,kind,holiday.
    days        TEXT         NOT NULL,
    basis       VARCHAR(500) NOT NULL,
    author      VARCHAR(64)  NOT NULL,
    proposed_at BIGINT       NOT NULL,
    state       VARCHAR(16)  NOT NULL,
    decided_by  VARCHAR(64)  NOT NULL,
    decided_at  BIGINT       NOT NULL,
    remark      VARCHAR(500) NOT NULL,
    CONSTRAINT calendar_changes_state CHECK (state IN ('proposed', 'in_force', 'rejected', 'withdrawn')),
    CONSTRAINT calendar_changes_decided CHECK ((state = 'proposed') = (decided_at = 0)),
    -- Four eyes: nobody reviews their own proposal; only the author withdraws it.
    CONSTRAINT calendar_changes_eyes CHECK (state NOT IN ('in_force', 'rejected') OR decided_by <> author)
);
