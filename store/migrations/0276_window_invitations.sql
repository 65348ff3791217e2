-- +goose Up
-- The last invitation to rate at a window, by whoever serves there. What was pressed then it does not know.
CREATE TABLE window_invitations (
    window_id VARCHAR(64) NOT NULL PRIMARY KEY,
    session   VARCHAR(32) NOT NULL,
    staff_id  VARCHAR(64) NOT NULL,
    at        BIGINT      NOT NULL,
    CONSTRAINT window_invitations_window FOREIGN KEY (window_id) REFERENCES service_windows (id)
);
