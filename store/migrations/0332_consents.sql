-- +goose Up
-- What raters agreed to and withdrew (clause 9(2), R50): nothing about a rater goes to anybody else without.
-- Append-only, each with a leaf in the ledger: the last one of a scope counts.
CREATE TABLE consents (
    id        VARCHAR(32) NOT NULL PRIMARY KEY,
    rating_id VARCHAR(32) NOT NULL,
    -- matter, contact or platform.
    scope     VARCHAR(16) NOT NULL,
    -- Grows within a rating's scope.
    seq       BIGINT      NOT NULL,
    answer    VARCHAR(16) NOT NULL,
    at        BIGINT      NOT NULL,
    -- form, receipt, telephone or erasure.
    how       VARCHAR(16) NOT NULL,
    -- Version of the words that were agreed to.
    wording   VARCHAR(32) NOT NULL,
    nonce     BLOB        NOT NULL,
    CONSTRAINT consents_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    -- Two answers at once do not both become the last.
    CONSTRAINT consents_order UNIQUE (rating_id, scope, seq),
    CONSTRAINT consents_answer CHECK (answer IN ('given', 'refused', 'withdrawn'))
);
