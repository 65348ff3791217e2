-- +goose Up
-- Forms from suggestion boxes on their way into the record (6(2), R14): read by one, read again by another. Nothing
-- counts before that. What each read is in paper_readings.
CREATE TABLE paper_entries (
    id         VARCHAR(32)  NOT NULL PRIMARY KEY,
    opening_id VARCHAR(32)  NOT NULL,
    box_id     VARCHAR(32)  NOT NULL,
    -- Those of the box, for the reader's scope.
    area       CHAR(6)      NOT NULL,
    hall_id    VARCHAR(64)  NOT NULL,
    serial     VARCHAR(64)  NOT NULL,
    state      VARCHAR(16)  NOT NULL,
    -- Fields that were read differently, as codes; '' while none were.
    disputed   VARCHAR(200) NOT NULL,
    -- Under which its rating will stand, and its contact in the vault does.
    rating_id  VARCHAR(32)  NOT NULL,
    -- 0 while nothing was decided.
    settled_at BIGINT       NOT NULL,
    CONSTRAINT paper_entries_opening FOREIGN KEY (opening_id) REFERENCES box_openings (id),
    -- A form is entered once (R14).
    CONSTRAINT paper_entries_serial UNIQUE (serial),
    CONSTRAINT paper_entries_rating UNIQUE (rating_id),
    CONSTRAINT paper_entries_state CHECK (state IN ('to_check', 'differs', 'counted', 'void')),
    CONSTRAINT paper_entries_settled CHECK ((state IN ('counted', 'void')) = (settled_at > 0))
);
