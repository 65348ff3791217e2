-- +goose Up
-- People who sign in.
CREATE TABLE accounts (
    person       VARCHAR(64)  NOT NULL PRIMARY KEY,
    login        VARCHAR(64)  NOT NULL,
    name_zh      VARCHAR(100) NOT NULL,
    -- argon2id in the PHC string form, with its parameters.
    hash         VARCHAR(200) NOT NULL,
    -- The person's staff profile; NULL for who serves no public. One account a profile.
    staff_id     VARCHAR(64)  NULL,
    created_at   BIGINT       NOT NULL,
    -- 0 while the account may be used.
    disabled_at  BIGINT       NOT NULL DEFAULT 0,
    -- Failed sign-ins since the last good one, and until when sign-in is refused.
    failures     INTEGER      NOT NULL DEFAULT 0,
    locked_until BIGINT       NOT NULL DEFAULT 0,
    CONSTRAINT accounts_login UNIQUE (login),
    CONSTRAINT accounts_staff UNIQUE (staff_id),
    CONSTRAINT accounts_profile FOREIGN KEY (staff_id) REFERENCES staff (id),
    CONSTRAINT accounts_hash CHECK (hash LIKE '$argon2id$%'),
    CONSTRAINT accounts_failures CHECK (failures >= 0)
);
