-- +goose Up
-- Who holds which role where, and from when until when. Read at each request, so that a
-- withdrawn right ends at once. Ended, never deleted: old acts name the role they were done under.
CREATE TABLE assignments (
    person   VARCHAR(64) NOT NULL,
    role     VARCHAR(32) NOT NULL,
    org_id   VARCHAR(64) NOT NULL,
    from_at  BIGINT      NOT NULL,
    -- 0 while it lasts.
    until_at BIGINT      NOT NULL DEFAULT 0,
    -- The person who appointed, 'seed' for a demo's.
    author   VARCHAR(64) NOT NULL,
    PRIMARY KEY (person, role, org_id, from_at),
    CONSTRAINT assignments_person FOREIGN KEY (person) REFERENCES accounts (person),
    CONSTRAINT assignments_org FOREIGN KEY (org_id) REFERENCES orgs (id),
    -- Deadlines and batches act as the system; no person may.
    CONSTRAINT assignments_role CHECK (role <> 'system'),
    CONSTRAINT assignments_until CHECK (until_at = 0 OR until_at >= from_at)
);
