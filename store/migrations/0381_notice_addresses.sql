-- +goose Up
-- Where a person wants to be told outside the product. The address is sealed together with the code that was
-- sent to it; nothing but codes goes to one that is not confirmed.
CREATE TABLE notice_addresses (
    person       VARCHAR(64) NOT NULL,
    way          VARCHAR(8)  NOT NULL,
    sealed       BLOB        NOT NULL,
    -- Until when the code holds, and how often another one was typed.
    code_until   BIGINT      NOT NULL,
    tries        SMALLINT    NOT NULL,
    -- 0 until the code was typed.
    confirmed_at BIGINT      NOT NULL,
    PRIMARY KEY (person, way),
    CONSTRAINT notice_addresses_person FOREIGN KEY (person) REFERENCES accounts (person),
    CONSTRAINT notice_addresses_way CHECK (way IN ('mail', 'sms'))
);
