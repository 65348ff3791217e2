-- +goose Up
-- Dockets: an authority's own work beside the cases that is followed to its end (clauses 7(2), 7(4), 8(2), 9(1)). state
-- is the docket as the rules see it, as JSON; the other columns are what lists and guards need of it and are written
-- with it. Changed only together with an entry.
CREATE TABLE dockets (
    id         VARCHAR(32)  NOT NULL PRIMARY KEY,
    kind       VARCHAR(16)  NOT NULL,
    -- What there is one docket of: an authority's quarter, a publication of a period; otherwise the id.
    doc_key    VARCHAR(160) NOT NULL,
    area       CHAR(6)      NOT NULL,
    authority  VARCHAR(64)  NOT NULL,
    unit_id    VARCHAR(64)  NOT NULL,
    -- Of whom it is, once that person may know of it.
    seen_staff VARCHAR(64)  NOT NULL,
    -- What it hangs on: the hearing of a problem; '' otherwise.
    parent     VARCHAR(32)  NOT NULL,
    period     VARCHAR(8)   NOT NULL,
    stage      VARCHAR(16)  NOT NULL,
    -- Until when it is to be done, 0 for no day; overdue is 1 once that was noted.
    due        BIGINT       NOT NULL,
    overdue    SMALLINT     NOT NULL,
    started_at BIGINT       NOT NULL,
    ended_at   BIGINT       NOT NULL,
    seq        BIGINT       NOT NULL,
    state      MEDIUMBLOB   NOT NULL,
    CONSTRAINT dockets_key UNIQUE (doc_key),
    CONSTRAINT dockets_overdue CHECK (overdue IN (0, 1)),
    CONSTRAINT dockets_seq CHECK (seq >= 1)
);
