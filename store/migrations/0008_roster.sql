-- +goose Up
-- Who serves which window, by civil date. A rating without a profile is still bound to its
-- window and this roster (R12).
CREATE TABLE roster (
    window_id  VARCHAR(64) NOT NULL,
    staff_id   VARCHAR(64) NOT NULL,
    from_date  CHAR(10)    NOT NULL,
    -- The last day, '' while it goes on.
    until_date VARCHAR(10) NOT NULL DEFAULT '',
    PRIMARY KEY (window_id, staff_id, from_date),
    CONSTRAINT roster_window FOREIGN KEY (window_id) REFERENCES service_windows (id),
    CONSTRAINT roster_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
    CONSTRAINT roster_dates CHECK (LENGTH(from_date) = 10 AND (until_date = '' OR until_date >= from_date))
);
