-- +goose Up
-- Probes into signs of cheating (clause 9(2), R48). state is the probe as the rules see it, as JSON; the
-- other columns are what lists and guards need of it and are written with it. Changed only together with an entry.
CREATE TABLE probes (
    id         VARCHAR(32) NOT NULL PRIMARY KEY,
    kind       VARCHAR(8)  NOT NULL,
    -- A staff profile, an organisation, the start of a keyed digest, or an account.
    object_id  VARCHAR(64) NOT NULL,
    -- kind/object while it is open, NULL afterwards: nobody is probed twice at a time.
    standing   VARCHAR(80) NULL,
    direction  VARCHAR(16) NOT NULL,
    area       CHAR(6)     NOT NULL,
    authority  VARCHAR(64) NOT NULL,
    unit_id    VARCHAR(64) NOT NULL,
    -- Whom it concerns, once asked for a statement: the unit whose head sees it, the person who sees their own.
    seen_unit  VARCHAR(64) NOT NULL,
    seen_staff VARCHAR(64) NOT NULL,
    -- Until when it is to be decided; overdue is 1 once that was noted.
    due        BIGINT      NOT NULL,
    overdue    SMALLINT    NOT NULL,
    -- Until when a statement may be given, 0 while none is waited for.
    heard_by   BIGINT      NOT NULL,
    started_at BIGINT      NOT NULL,
    ended_at   BIGINT      NOT NULL,
    seq        BIGINT      NOT NULL,
    state      MEDIUMBLOB  NOT NULL,
    CONSTRAINT probes_standing UNIQUE (standing),
    CONSTRAINT probes_kind CHECK (kind IN ('staff', 'unit', 'rater', 'approver')),
    CONSTRAINT probes_ended CHECK ((standing IS NULL) = (ended_at > 0)),
    CONSTRAINT probes_overdue CHECK (overdue IN (0, 1)),
    CONSTRAINT probes_seq CHECK (seq >= 1)
);
