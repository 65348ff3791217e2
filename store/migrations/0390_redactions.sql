-- +goose Up
-- What officers left of citizens' words for the rated side, the last one of a rating counts (clause 9(2), R04). Append-only, each
-- with a leaf in the ledger. The text lies encrypted in texts, under the rating's id; body has the officer and its salted digest.
CREATE TABLE redactions (
    rating_id VARCHAR(32) NOT NULL,
    seq       BIGINT      NOT NULL,
    at        BIGINT      NOT NULL,
    decision  VARCHAR(16) NOT NULL,
    body      MEDIUMBLOB  NOT NULL,
    nonce     BLOB        NOT NULL,
    -- Two officers at once do not both become the last.
    PRIMARY KEY (rating_id, seq),
    CONSTRAINT redactions_rating FOREIGN KEY (rating_id) REFERENCES ratings (id),
    CONSTRAINT redactions_seq CHECK (seq >= 1),
    CONSTRAINT redactions_decision CHECK (decision IN ('redacted', 'withheld'))
);
