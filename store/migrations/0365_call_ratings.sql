-- +goose Up
-- What was rated in a call, each once: several services, an outcome, a consultation, and the call itself. This key
-- decides between two that come at once.
CREATE TABLE call_ratings (
    call_id   VARCHAR(64)  NOT NULL,
    -- KIND:ID of what was rated; "call" is the agent's own call.
    object    VARCHAR(140) NOT NULL,
    rating_id VARCHAR(32)  NOT NULL,
    PRIMARY KEY (call_id, object),
    CONSTRAINT call_ratings_rating FOREIGN KEY (rating_id) REFERENCES ratings (id)
);
