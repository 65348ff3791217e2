-- +goose Up
-- What the newest run found, codes and ids only; the rows of older runs go with the next.
CREATE TABLE verification_findings (
    turn       BIGINT       NOT NULL,
    n          BIGINT       NOT NULL,
    check_name VARCHAR(32)  NOT NULL,
    code       VARCHAR(32)  NOT NULL,
    case_id    VARCHAR(32)  NOT NULL,
    number     VARCHAR(32)  NOT NULL,
    area       VARCHAR(6)   NOT NULL,
    -- What differs: names of columns, acts, deadlines, seats, with a space between.
    about      VARCHAR(400) NOT NULL,
    repair     VARCHAR(200) NOT NULL,
    advice     VARCHAR(32)  NOT NULL,
    PRIMARY KEY (turn, n),
    CONSTRAINT verification_findings_turn FOREIGN KEY (turn) REFERENCES verifications (turn)
);
