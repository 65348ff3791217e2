-- +goose Up
-- Which units a docket lies before: who is responsible or leads, and who assists. What they see of dockets is this.
CREATE TABLE docket_units (
    unit_id   VARCHAR(64) NOT NULL,
    docket_id VARCHAR(32) NOT NULL,
    PRIMARY KEY (unit_id, docket_id),
    CONSTRAINT docket_units_docket FOREIGN KEY (docket_id) REFERENCES dockets (id)
);
