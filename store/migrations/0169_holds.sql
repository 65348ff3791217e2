-- +goose Up
-- Cases whose data is held back from deletion by hand (R59): a lawsuit, an inspection of archives. Why
-- is in texts, sealed, under the hold's id: 1 for the hold, 2 for its lifting.
CREATE TABLE holds (
    id        VARCHAR(32) NOT NULL PRIMARY KEY,
    case_id   VARCHAR(32) NOT NULL,
    kind      VARCHAR(32) NOT NULL,
    person    VARCHAR(64) NOT NULL,
    at        BIGINT      NOT NULL,
    -- 0 while it stands.
    lifted_at BIGINT      NOT NULL,
    lifted_by VARCHAR(64) NOT NULL,
    CONSTRAINT holds_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT holds_lifted CHECK ((lifted_at > 0) = (lifted_by <> ''))
);
