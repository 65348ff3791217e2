-- +goose Up
-- Which cases stand in a bulletin, and for which unit: where one is written off or counts for another unit, the bulletin asks for
-- a correction. Append-only.
CREATE TABLE bulletin_cases (
    docket_id VARCHAR(32) NOT NULL,
    case_id   VARCHAR(32) NOT NULL,
    unit_id   VARCHAR(64) NOT NULL,
    PRIMARY KEY (docket_id, case_id),
    CONSTRAINT bulletin_cases_docket FOREIGN KEY (docket_id) REFERENCES dockets (id),
    CONSTRAINT bulletin_cases_case FOREIGN KEY (case_id) REFERENCES cases (id)
);
