-- +goose Up
-- What a person is told of by a way: once a cause, which the key says. Number, act and time, nothing else of a case.
CREATE TABLE notice_items (
    person      VARCHAR(64)  NOT NULL,
    way         VARCHAR(8)   NOT NULL,
    cause       VARCHAR(160) NOT NULL,
    kind        VARCHAR(16)  NOT NULL,
    number      VARCHAR(32)  NOT NULL,
    what        VARCHAR(64)  NOT NULL,
    until_at    BIGINT       NOT NULL,
    link        VARCHAR(160) NOT NULL,
    at          BIGINT       NOT NULL,
    -- '' while it waits to be bundled with others.
    delivery_id VARCHAR(32)  NOT NULL,
    PRIMARY KEY (person, way, cause)
);
