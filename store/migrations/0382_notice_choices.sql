-- +goose Up
-- What a person wants to be told by which way, and when not. Minutes of the day in Asia/Shanghai; equal ones: never quiet.
CREATE TABLE notice_choices (
    person      VARCHAR(64)  NOT NULL PRIMARY KEY,
    -- kind:way, separated by commas.
    wants       VARCHAR(255) NOT NULL,
    language    VARCHAR(8)   NOT NULL,
    quiet_from  SMALLINT     NOT NULL,
    quiet_until SMALLINT     NOT NULL,
    quiet_days  SMALLINT     NOT NULL,
    urgent      SMALLINT     NOT NULL,
    saved_at    BIGINT       NOT NULL,
    CONSTRAINT notice_choices_person FOREIGN KEY (person) REFERENCES accounts (person)
);
