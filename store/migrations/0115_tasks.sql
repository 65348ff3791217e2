-- +goose Up
-- Awaited acts as work to do. A row goes when its step ends, and the claim with it.
CREATE TABLE tasks (
    -- The case and the act with a dot between.
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    case_id    VARCHAR(32) NOT NULL,
    act        VARCHAR(32) NOT NULL,
    number     VARCHAR(32) NOT NULL,
    area       CHAR(6)     NOT NULL,
    grade      SMALLINT    NOT NULL,
    opened_at  BIGINT      NOT NULL,
    due_at     BIGINT      NOT NULL,
    -- Due counts days of a year whose notice is not out: it may move.
    provisional SMALLINT   NOT NULL,
    -- Why it lies one level up: nobody_eligible, overdue, or ''.
    raised     VARCHAR(32) NOT NULL,
    overdue    SMALLINT    NOT NULL,
    -- The person who took it, '' while it is available.
    claimed_by VARCHAR(64) NOT NULL,
    claimed_at BIGINT      NOT NULL,
    CONSTRAINT tasks_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT tasks_step UNIQUE (case_id, act),
    CONSTRAINT tasks_claimed CHECK ((claimed_by = '') = (claimed_at = 0))
);
