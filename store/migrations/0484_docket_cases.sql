-- +goose Up
-- Which cases are put right together (R60). A case stands in one joint rectification at most: the key says so. One that
-- was taken out has no row; the entries keep that it was there.
CREATE TABLE docket_cases (
    case_id   VARCHAR(32) NOT NULL PRIMARY KEY,
    docket_id VARCHAR(32) NOT NULL,
    CONSTRAINT docket_cases_case FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT docket_cases_docket FOREIGN KEY (docket_id) REFERENCES dockets (id)
);
