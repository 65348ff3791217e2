-- +goose Up
-- Service hours of a hall on working days, in minutes after midnight; a hall without a row is open from 9 to 17.
CREATE TABLE hall_hours (
    hall_id VARCHAR(64) NOT NULL PRIMARY KEY,
    opens   SMALLINT    NOT NULL,
    closes  SMALLINT    NOT NULL,
    author  VARCHAR(64) NOT NULL,
    at      BIGINT      NOT NULL,
    CONSTRAINT hall_hours_hall FOREIGN KEY (hall_id) REFERENCES orgs (id),
    CONSTRAINT hall_hours_order CHECK (opens >= 0 AND closes > opens AND closes <= 1440)
);
