-- +goose Up
-- Notices on their way to one person by one way. The id stays however often one is sent. What it says is made of
-- notice_items when it is sent; a confirmation code has none.
CREATE TABLE notice_deliveries (
    id        VARCHAR(32) NOT NULL PRIMARY KEY,
    person    VARCHAR(64) NOT NULL,
    way       VARCHAR(8)  NOT NULL,
    is_code   SMALLINT    NOT NULL,
    state     VARCHAR(8)  NOT NULL,
    at        BIGINT      NOT NULL,
    next_at   BIGINT      NOT NULL,
    sent_at   BIGINT      NOT NULL,
    attempts  SMALLINT    NOT NULL,
    -- Why it was not sent: a code, never the other side's words.
    code      VARCHAR(32) NOT NULL,
    CONSTRAINT notice_deliveries_state CHECK (state IN ('waiting', 'sending', 'sent', 'parked', 'dropped'))
);
