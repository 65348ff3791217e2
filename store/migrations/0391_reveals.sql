-- +goose Up
-- Requests to open a rater's contact (clause 9(2), R49), as they stand. What happened is in reveal_entries.
CREATE TABLE reveals (
    id         VARCHAR(32) NOT NULL PRIMARY KEY,
    case_id    VARCHAR(32) NOT NULL,
    area       CHAR(6)     NOT NULL,
    authority  VARCHAR(64) NOT NULL,
    purpose    VARCHAR(24) NOT NULL,
    asker      VARCHAR(64) NOT NULL,
    as_role    VARCHAR(32) NOT NULL,
    as_org     VARCHAR(64) NOT NULL,
    asked_at   BIGINT      NOT NULL,
    lapses_at  BIGINT      NOT NULL,
    -- approved, refused, '' before.
    decision   VARCHAR(16) NOT NULL,
    decided_by VARCHAR(64) NOT NULL,
    decided_at BIGINT      NOT NULL,
    until_at   BIGINT      NOT NULL,
    CONSTRAINT reveals_case FOREIGN KEY (case_id) REFERENCES cases (id),
    -- Nobody approves their own.
    CONSTRAINT reveals_two CHECK (asker <> decided_by),
    CONSTRAINT reveals_decision CHECK (decision IN ('', 'approved', 'refused'))
);
