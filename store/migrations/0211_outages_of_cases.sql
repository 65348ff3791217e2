-- +goose Up
-- An outage may be of one case alone, whose deadlines could not be recorded while the rest went on:
-- it then excuses no other's lateness. This takes the place of outages, whose key had no case in it.
CREATE TABLE outages_of_cases (
    -- '' is the whole system.
    case_id  VARCHAR(32) NOT NULL,
    from_at  BIGINT      NOT NULL,
    until_at BIGINT      NOT NULL,
    -- A code: overload, suspended, database, maintenance.
    reason   VARCHAR(32) NOT NULL,
    author   VARCHAR(64) NOT NULL,
    PRIMARY KEY (case_id, from_at, until_at),
    CONSTRAINT outages_stretch CHECK (until_at > from_at)
);
