-- +goose Up
-- What was done on a repair, by whom and when; person is '' where the product did it.
CREATE TABLE repair_steps (
    ticket_id VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    at        BIGINT      NOT NULL,
    state     VARCHAR(16) NOT NULL,
    person    VARCHAR(64) NOT NULL,
    PRIMARY KEY (ticket_id, seq),
    CONSTRAINT repair_steps_ticket FOREIGN KEY (ticket_id) REFERENCES repair_tickets (id)
);
