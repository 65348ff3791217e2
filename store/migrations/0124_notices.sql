-- +goose Up
-- Who was told of an event within the product, by role and place.
CREATE TABLE notices (
    case_id   VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    seat_role VARCHAR(32) NOT NULL,
    org_id    VARCHAR(64) NOT NULL,
    at        BIGINT      NOT NULL,
    name      VARCHAR(32) NOT NULL,
    PRIMARY KEY (case_id, seq, seat_role, org_id)
);
