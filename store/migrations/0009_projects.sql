-- +goose Up
-- Handled matters (办件), each with its number. Status as at the last report of the matter's own
-- system; a rating stores the status at its own instant (R32).
CREATE TABLE projects (
    number         VARCHAR(64) NOT NULL PRIMARY KEY,
    matter_id      VARCHAR(64) NOT NULL,
    window_id      VARCHAR(64) NOT NULL,
    -- Who served, '' where it is not known.
    staff_id       VARCHAR(64) NOT NULL DEFAULT '',
    status         VARCHAR(16) NOT NULL,
    accepted_date  VARCHAR(10) NOT NULL DEFAULT '',
    concluded_date VARCHAR(10) NOT NULL DEFAULT '',
    -- A courier was really used: only then the sixth dimension counts (R08).
    delivery_used  SMALLINT    NOT NULL,
    -- What the citizen's link carries: opaque, so that no number can be guessed.
    code           VARCHAR(64) NOT NULL,
    CONSTRAINT projects_matter FOREIGN KEY (matter_id) REFERENCES matters (id),
    CONSTRAINT projects_window FOREIGN KEY (window_id) REFERENCES service_windows (id),
    CONSTRAINT projects_code UNIQUE (code),
    CONSTRAINT projects_status CHECK (status IN ('waiting', 'in_progress', 'concluded')),
    CONSTRAINT projects_concluded CHECK ((status = 'concluded') = (concluded_date <> '')),
    CONSTRAINT projects_delivery CHECK (delivery_used IN (0, 1))
);
