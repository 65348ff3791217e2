-- +goose Up
-- Checkpoints that are to be sent, and were sent, by mail to the addresses of the settings. An address stands here as its
-- digest only.
CREATE TABLE checkpoint_mails (
    size      BIGINT   NOT NULL,
    recipient CHAR(64) NOT NULL,
    added_at  BIGINT   NOT NULL,
    tries     BIGINT   NOT NULL,
    next_at   BIGINT   NOT NULL,
    sent_at   BIGINT   NOT NULL,
    PRIMARY KEY (recipient, size),
    CONSTRAINT checkpoint_mails_size FOREIGN KEY (size) REFERENCES checkpoints (size)
);
