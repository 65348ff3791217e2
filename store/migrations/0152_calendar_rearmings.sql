-- +goose Up
-- Notices in force whose open cases are being counted again. A row is written with the notice and
-- is gone through twice: the second pass finds what was recorded with the calendar of before
-- while the first one read. Counting a case again twice changes it once, so a pass that was cut
-- off goes on from its cursor.
CREATE TABLE calendar_rearmings (
    id          VARCHAR(32)  NOT NULL PRIMARY KEY,
    area        VARCHAR(6)   NOT NULL,
    -- What the events of the cases give as the reason.
    reason      VARCHAR(100) NOT NULL,
    -- By the clock of machines.
    added_at    BIGINT       NOT NULL,
    -- The last case that the present pass has seen.
    seen        VARCHAR(32)  NOT NULL,
    passes      SMALLINT     NOT NULL,
    moved       BIGINT       NOT NULL,
    finished_at BIGINT       NOT NULL,
    CONSTRAINT calendar_rearmings_change FOREIGN KEY (id) REFERENCES calendar_changes (id)
);
