-- +goose Up
-- Handled matters (办件) as their own systems report them (6(3)): this takes the place of projects, in which a
-- matter that was handled without a window could not stand, and of which nobody knew how old a report was.
CREATE TABLE handled (
    number         VARCHAR(64) NOT NULL PRIMARY KEY,
    matter_id      VARCHAR(64) NOT NULL,
    -- NULL where the matter was handled without a window: on the web.
    window_id      VARCHAR(64) NULL,
    -- Who served, '' where it is not known.
    staff_id       VARCHAR(64) NOT NULL DEFAULT '',
    status         VARCHAR(16) NOT NULL,
    accepted_date  VARCHAR(10) NOT NULL DEFAULT '',
    concluded_date VARCHAR(10) NOT NULL DEFAULT '',
    -- A courier was really used: only then the sixth dimension counts (R08).
    delivery_used  SMALLINT    NOT NULL,
    -- What the citizen's slip carries: opaque, at least 100 bits, so that no number can be guessed.
    code           VARCHAR(64) NOT NULL,
    -- Keyed digest of the applicant's name (HMAC-SM3) with the key's id; '' where no name was reported. The
    -- name itself is nowhere.
    name_index     VARCHAR(64) NOT NULL DEFAULT '',
    name_key       VARCHAR(64) NOT NULL DEFAULT '',
    -- Who reported it, and as of when by that system's clock: an older report never overwrites a newer one.
    source         VARCHAR(64) NOT NULL DEFAULT '',
    reported_at    BIGINT      NOT NULL DEFAULT 0,
    CONSTRAINT handled_matter FOREIGN KEY (matter_id) REFERENCES matters (id),
    CONSTRAINT handled_window FOREIGN KEY (window_id) REFERENCES service_windows (id),
    CONSTRAINT handled_code UNIQUE (code),
    CONSTRAINT handled_status CHECK (status IN ('waiting', 'in_progress', 'concluded')),
    CONSTRAINT handled_concluded CHECK ((status = 'concluded') = (concluded_date <> '')),
    CONSTRAINT handled_delivery CHECK (delivery_used IN (0, 1)),
    CONSTRAINT handled_name CHECK ((name_index = '') = (name_key = ''))
);
