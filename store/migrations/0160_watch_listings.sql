-- +goose Up
-- Stays of units and staff on the watch list (clause 8(3)). state is the listing as the rules see
-- it, as JSON; the other columns are what lists and guards need of it and are written with it.
-- Changed only together with an entry.
CREATE TABLE watch_listings (
    id         VARCHAR(32)  NOT NULL PRIMARY KEY,
    kind       VARCHAR(8)   NOT NULL,
    -- The unit's id, or the staff profile's.
    object_id  VARCHAR(64)  NOT NULL,
    -- kind/object while it stands, NULL afterwards: nobody stands on the list twice at a time.
    standing   VARCHAR(80)  NULL,
    area       CHAR(6)      NOT NULL,
    authority  VARCHAR(64)  NOT NULL,
    unit_id    VARCHAR(64)  NOT NULL,
    -- The unit whose head sees it, '' where it is a person's; the person who sees their own.
    seen_unit  VARCHAR(64)  NOT NULL,
    seen_staff VARCHAR(64)  NOT NULL,
    -- Of the next inspection, 0 once it ended; overdue is 1 once that was noted.
    due        BIGINT       NOT NULL,
    overdue    SMALLINT     NOT NULL,
    started_at BIGINT       NOT NULL,
    ended_at   BIGINT       NOT NULL,
    seq        BIGINT       NOT NULL,
    state      MEDIUMBLOB   NOT NULL,
    CONSTRAINT watch_listings_standing UNIQUE (standing),
    CONSTRAINT watch_listings_kind CHECK (kind IN ('unit', 'staff')),
    CONSTRAINT watch_listings_ended CHECK ((standing IS NULL) = (ended_at > 0)),
    CONSTRAINT watch_listings_overdue CHECK (overdue IN (0, 1)),
    CONSTRAINT watch_listings_seq CHECK (seq >= 1)
);
