-- +goose Up
-- Requests to do an act, stored before the engine hears of them: the engine may be down, or
-- forget an update that it has admitted. The outcome comes with the event, or is a refusal.
CREATE TABLE acts (
    id          VARCHAR(32)   NOT NULL PRIMARY KEY,
    case_id     VARCHAR(32)   NOT NULL,
    -- The person, '' for the citizen by receipt.
    actor       VARCHAR(64)   NOT NULL,
    staff_id    VARCHAR(64)   NOT NULL,
    as_role     VARCHAR(32)   NOT NULL,
    as_org      VARCHAR(64)   NOT NULL,
    as_area     VARCHAR(6)    NOT NULL,
    -- SHA-256 of the Idempotency-Key, and a keyed digest of the body under the key key_id.
    request_key CHAR(64)      NOT NULL,
    digest      CHAR(64)      NOT NULL,
    key_id      VARCHAR(64)   NOT NULL,
    kind        VARCHAR(32)   NOT NULL,
    -- What was typed, encrypted; NULL once it stands in events and texts.
    body        MEDIUMBLOB    NULL,
    -- By this instant the act is timely or not.
    received_at BIGINT        NOT NULL,
    status      VARCHAR(8)    NOT NULL,
    -- The refusal: code, clause, missing condition, JSON of field codes, who may, from when.
    code        VARCHAR(32)   NOT NULL,
    clause      VARCHAR(16)   NOT NULL,
    missing     VARCHAR(64)   NOT NULL,
    fields      VARCHAR(2000) NOT NULL,
    who         VARCHAR(500)  NOT NULL,
    from_at     BIGINT        NOT NULL,
    -- The event's sequence once it is done, else 0.
    seq         BIGINT        NOT NULL,
    recorded_at BIGINT        NOT NULL,
    CONSTRAINT acts_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT acts_request UNIQUE (case_id, actor, request_key),
    CONSTRAINT acts_status CHECK (status IN ('pending', 'done', 'refused')),
    CONSTRAINT acts_done CHECK ((status = 'done') = (seq > 0)),
    CONSTRAINT acts_refused CHECK ((status = 'refused') = (code <> ''))
);
