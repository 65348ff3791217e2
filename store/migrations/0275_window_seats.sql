-- +goose Up
-- Who took a window, of those on its roster of a day: whom the evaluator there shows (R12). A row a window, the
-- last one that counts.
CREATE TABLE window_seats (
    window_id VARCHAR(64) NOT NULL PRIMARY KEY,
    day       CHAR(10)    NOT NULL,
    -- '' once they left: then nobody is signed in.
    staff_id  VARCHAR(64) NOT NULL,
    at        BIGINT      NOT NULL,
    CONSTRAINT window_seats_window FOREIGN KEY (window_id) REFERENCES service_windows (id)
);
