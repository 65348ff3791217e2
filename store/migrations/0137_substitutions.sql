-- +goose Up
-- Who stands in for whom, and when. Ended early by revoking, never deleted: events name the person
-- absent.
CREATE TABLE substitutions (
    id         VARCHAR(32) NOT NULL PRIMARY KEY,
    absent     VARCHAR(64) NOT NULL,
    substitute VARCHAR(64) NOT NULL,
    -- The first and the last day of the absence, both whole, Asia/Shanghai.
    from_date  CHAR(10)    NOT NULL,
    until_date CHAR(10)    NOT NULL,
    -- The same as instants. An absence entered on its first day begins when it is entered: what the
    -- absent colleague did earlier that day stays theirs.
    begins_at  BIGINT      NOT NULL,
    ends_at    BIGINT      NOT NULL,
    -- A code that tells colleagues no more than they need.
    reason     VARCHAR(32) NOT NULL,
    set_by     VARCHAR(64) NOT NULL,
    set_at     BIGINT      NOT NULL,
    -- 0 and '' while it was not ended early.
    revoked_at BIGINT      NOT NULL DEFAULT 0,
    revoked_by VARCHAR(64) NOT NULL DEFAULT '',
    CONSTRAINT substitutions_absent FOREIGN KEY (absent) REFERENCES accounts (person),
    CONSTRAINT substitutions_substitute FOREIGN KEY (substitute) REFERENCES accounts (person),
    CONSTRAINT substitutions_other CHECK (absent <> substitute),
    CONSTRAINT substitutions_period CHECK (begins_at < ends_at AND begins_at >= set_at),
    CONSTRAINT substitutions_revoked CHECK (revoked_at = 0 OR revoked_at >= set_at)
);
