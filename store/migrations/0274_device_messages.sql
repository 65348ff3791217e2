-- +goose Up
-- Messages of devices that were taken: ratings, and sessions in which nobody rated (R10: stored as such and never
-- as a rating). Once a counter, whatever arrives how often: the key says so. Append-only, each with a leaf.
CREATE TABLE device_messages (
    device_id   VARCHAR(32)  NOT NULL,
    counter     BIGINT       NOT NULL,
    -- Which of the device's keys signed it.
    key_no      BIGINT       NOT NULL,
    kind        VARCHAR(16)  NOT NULL,
    -- SM3 of the body: another body under the same counter comes from another hand.
    digest      CHAR(64)     NOT NULL,
    -- By the device's clock, by ours, and when it was received.
    sent_at     BIGINT       NOT NULL,
    given_at    BIGINT       NOT NULL,
    received_at BIGINT       NOT NULL,
    outcome     VARCHAR(16)  NOT NULL,
    session     VARCHAR(32)  NOT NULL,
    -- '' where nothing was rated.
    rating_id   VARCHAR(32)  NOT NULL,
    window_id   VARCHAR(64)  NOT NULL,
    staff_id    VARCHAR(64)  NOT NULL,
    nonce       BLOB         NOT NULL,
    PRIMARY KEY (device_id, counter),
    CONSTRAINT device_messages_device FOREIGN KEY (device_id) REFERENCES devices (id),
    CONSTRAINT device_messages_counter CHECK (counter >= 1),
    CONSTRAINT device_messages_outcome CHECK (outcome IN ('rated', 'opened', 'not_rated')),
    -- What is not rated is no rating, and what is rated is one.
    CONSTRAINT device_messages_rating CHECK ((outcome = 'rated') = (rating_id <> ''))
);
