-- +goose Up
-- Cases of bad ratings (clauses 7(2) and 7(3)). state is the case as the rules see it, as JSON
-- with its version; the other columns are what lists, locks and guards need of it and are
-- written with it. Changed only together with an event.
CREATE TABLE cases (
    id              VARCHAR(32) NOT NULL PRIMARY KEY,
    number          VARCHAR(32) NOT NULL,
    rating_id       VARCHAR(32) NOT NULL,
    edition         VARCHAR(64) NOT NULL,
    area            CHAR(6)     NOT NULL,
    authority       VARCHAR(64) NOT NULL,
    upper_authority VARCHAR(64) NOT NULL,
    -- Handles now; the rated unit until an order names another.
    unit_id         VARCHAR(64) NOT NULL,
    rated_unit      VARCHAR(64) NOT NULL,
    rated_staff     VARCHAR(64) NOT NULL,
    rated_window    VARCHAR(64) NOT NULL,
    matter_id       VARCHAR(64) NOT NULL,
    grade           SMALLINT    NOT NULL,
    phase           VARCHAR(24) NOT NULL,
    seq             BIGINT      NOT NULL,
    opened_at       BIGINT      NOT NULL,
    closed_at       BIGINT      NOT NULL,
    -- The earliest open due instant of a step, 0 where none runs.
    next_due        BIGINT      NOT NULL,
    -- When the notice of R57 was served, 0 until then.
    served_at       BIGINT      NOT NULL,
    state_version   SMALLINT    NOT NULL,
    state           MEDIUMBLOB  NOT NULL,
    CONSTRAINT cases_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    -- One rating opens one case, whatever the engine has forgotten (R22).
    CONSTRAINT cases_one_per_rating UNIQUE (rating_id),
    CONSTRAINT cases_number UNIQUE (number),
    -- Only a bad grade opens a case (R09).
    CONSTRAINT cases_grade CHECK (grade IN (1, 2)),
    CONSTRAINT cases_seq CHECK (seq >= 1),
    CONSTRAINT cases_closed CHECK ((phase = 'closed') = (closed_at > 0))
);
