-- +goose Up
-- What is shown of a staff member (clause 6(1), R12), version by version: a rating names the
-- version that the citizen saw, so a version is never changed. '' is what is not made public.
CREATE TABLE staff_profiles (
    staff_id VARCHAR(64)  NOT NULL,
    version  INTEGER      NOT NULL,
    name_zh  VARCHAR(100) NOT NULL DEFAULT '',
    -- Post (岗位) and position (职务).
    post     VARCHAR(100) NOT NULL DEFAULT '',
    position VARCHAR(100) NOT NULL DEFAULT '',
    -- Key of a drawn portrait, or the digest of a photograph.
    portrait VARCHAR(100) NOT NULL DEFAULT '',
    from_at  BIGINT       NOT NULL,
    author   VARCHAR(64)  NOT NULL,
    PRIMARY KEY (staff_id, version),
    CONSTRAINT staff_profiles_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
    CONSTRAINT staff_profiles_version CHECK (version >= 1)
);
