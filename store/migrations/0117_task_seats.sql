-- +goose Up
-- Before whom a task lies. It repeats what inboxes filter and sort by, so that a page of a
-- large inbox is one walk along one index.
CREATE TABLE task_seats (
    seat_role VARCHAR(32) NOT NULL,
    org_id    VARCHAR(64) NOT NULL,
    task_id   VARCHAR(64) NOT NULL,
    due_at    BIGINT      NOT NULL,
    opened_at BIGINT      NOT NULL,
    act       VARCHAR(32) NOT NULL,
    area      CHAR(6)     NOT NULL,
    grade     SMALLINT    NOT NULL,
    number    VARCHAR(32) NOT NULL,
    overdue   SMALLINT    NOT NULL,
    claimed   SMALLINT    NOT NULL,
    PRIMARY KEY (task_id, seat_role, org_id),
    CONSTRAINT task_seats_task FOREIGN KEY (task_id) REFERENCES tasks (id),
    CONSTRAINT task_seats_flags CHECK (overdue IN (0, 1) AND claimed IN (0, 1))
);
