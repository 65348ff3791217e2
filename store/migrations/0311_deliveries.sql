-- +goose Up
-- What each upstream is to get: a rating (seq 0), and its case's outcome as it stood from an event on (seq
-- of that event). Ids and codes only; what is sent is read from the record when it is sent.
CREATE TABLE deliveries (
    upstream  VARCHAR(32) NOT NULL,
    -- The message's id, the same however often it is sent, by which the upstream knows it again.
    id        VARCHAR(64) NOT NULL,
    rating_id VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    case_id   VARCHAR(32) NOT NULL,
    -- sending: it may have arrived, nobody knows yet. parked: until somebody sends it again.
    state     VARCHAR(8)  NOT NULL,
    -- When the record had it, and since when it waits: later where it is sent once more.
    at        BIGINT      NOT NULL,
    since_at  BIGINT      NOT NULL,
    next_at   BIGINT      NOT NULL,
    tried_at  BIGINT      NOT NULL,
    sent_at   BIGINT      NOT NULL,
    -- Tries that this message is to blame for, and why the last failed.
    attempts  INTEGER     NOT NULL,
    code      VARCHAR(64) NOT NULL,
    PRIMARY KEY (upstream, id),
    -- One a version, whoever follows the ledger: nothing is sent under two ids.
    CONSTRAINT deliveries_version UNIQUE (upstream, rating_id, seq),
    CONSTRAINT deliveries_upstream FOREIGN KEY (upstream) REFERENCES upstreams (name),
    CONSTRAINT deliveries_state CHECK (state IN ('waiting', 'sending', 'sent', 'parked')),
    CONSTRAINT deliveries_sent CHECK (state <> 'sent' OR sent_at > 0)
);
