-- +goose Up
-- Messages that were refused, with the codes of what was wrong and nothing of their content; the same message
-- may come again, mended.
CREATE TABLE inbound_refused (
    upstream   VARCHAR(64)  NOT NULL,
    message_id VARCHAR(64)  NOT NULL,
    kind       VARCHAR(16)  NOT NULL,
    -- FIELD:CODE, comma-separated.
    reasons    VARCHAR(400) NOT NULL,
    at         BIGINT       NOT NULL,
    times      BIGINT       NOT NULL,
    PRIMARY KEY (upstream, message_id, kind)
);
