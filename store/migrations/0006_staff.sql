-- +goose Up
-- People who serve the public. What a citizen is shown of them stands in staff_profiles.
CREATE TABLE staff (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    unit_id    VARCHAR(64) NOT NULL,
    created_at BIGINT      NOT NULL,
    CONSTRAINT staff_unit FOREIGN KEY (unit_id) REFERENCES orgs (id)
);
