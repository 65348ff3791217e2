-- +goose Up
-- The vault (clause 9(2)): who gave a rating and how to reach them, as far as they said so.
-- Sealed under the subject's own key; found again by a keyed blind index only.
CREATE TABLE vault (
    -- The rating.
    subject      VARCHAR(32) NOT NULL PRIMARY KEY,
    suite        SMALLINT    NOT NULL,
    key_id       VARCHAR(64) NOT NULL,
    index_key_id VARCHAR(64) NOT NULL,
    -- HMAC-SM3 of the telephone number's normal form, NULL without a number.
    phone_index  CHAR(64)    NULL,
    -- JSON of name, telephone, language and time of day.
    sealed       BLOB        NOT NULL,
    added_at     BIGINT      NOT NULL
);
