-- +goose Up
-- What people were told that no event of a case stands behind: of absences and of the watch list.
-- To a role at a place, or to one person (role person, the person's id as place). A message is no
-- record: absences and listings have their own.
CREATE TABLE messages (
    -- The absence or the listing.
    ref       VARCHAR(32) NOT NULL,
    -- Its moment: told twice it is one message.
    seq       BIGINT      NOT NULL,
    seat_role VARCHAR(32) NOT NULL,
    org_id    VARCHAR(64) NOT NULL,
    about     VARCHAR(8)  NOT NULL,
    at        BIGINT      NOT NULL,
    name      VARCHAR(32) NOT NULL,
    PRIMARY KEY (ref, seq, seat_role, org_id),
    CONSTRAINT messages_about CHECK (about IN ('absence', 'watch'))
);
