-- +goose Up
-- What each case counts for (clauses 7(2), 7(3)), as it stood after its event of that sequence, which the ledger has up to
-- the position in the fact "figures". It can be made anew from the events at any time.
CREATE TABLE case_figures (
    case_id      VARCHAR(32) NOT NULL PRIMARY KEY,
    seq          BIGINT      NOT NULL,
    -- The month in which the rating was given.
    given_month  CHAR(7)     NOT NULL,
    area         CHAR(6)     NOT NULL,
    channel      VARCHAR(16) NOT NULL,
    grade        SMALLINT    NOT NULL,
    -- Whom the rating counts for now.
    unit_id      VARCHAR(64) NOT NULL,
    hall_id      VARCHAR(64) NOT NULL,
    window_id    VARCHAR(64) NOT NULL,
    staff_id     VARCHAR(64) NOT NULL,
    matter_id    VARCHAR(64) NOT NULL,
    finding      VARCHAR(32) NOT NULL,
    cause        VARCHAR(32) NOT NULL,
    link         VARCHAR(32) NOT NULL,
    attribution  VARCHAR(32) NOT NULL,
    exemption    VARCHAR(32) NOT NULL,
    -- 0 or 1, but for delays, which are counted, and took, which is microseconds.
    concluded    SMALLINT    NOT NULL,
    written_off  SMALLINT    NOT NULL,
    called       SMALLINT    NOT NULL,
    call_exempt  SMALLINT    NOT NULL,
    replied      SMALLINT    NOT NULL,
    ordered      SMALLINT    NOT NULL,
    accepted     SMALLINT    NOT NULL,
    in_time      SMALLINT    NOT NULL,
    overdue      SMALLINT    NOT NULL,
    unit_overdue SMALLINT    NOT NULL,
    delays       INTEGER     NOT NULL,
    -- The rating counts for whom it was given to no longer (R53).
    adjusted     SMALLINT    NOT NULL,
    took         BIGINT      NOT NULL
);
