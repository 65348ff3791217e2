-- +goose Up
-- Findings that tell of what has happened and stands in append-only events for ever: reported, under a
-- reference, and known from then on. A row is one thing that a finding was about, so that the
-- next one on the same case is found anew. Append-only: no path of the program updates or deletes a row.
CREATE TABLE known_findings (
    check_name VARCHAR(32)  NOT NULL,
    code       VARCHAR(32)  NOT NULL,
    case_id    VARCHAR(32)  NOT NULL,
    -- A deadline, an act, an event; '' where the finding names nothing.
    about      VARCHAR(128) NOT NULL,
    -- Under what it was reported, such as the number of a document.
    reference  VARCHAR(64)  NOT NULL,
    author     VARCHAR(64)  NOT NULL,
    at         BIGINT       NOT NULL,
    PRIMARY KEY (check_name, code, case_id, about),
    CONSTRAINT known_findings_reference CHECK (reference <> '')
);
