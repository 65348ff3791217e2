-- +goose Up
-- The bulletins that everybody may read: of quarters alone (8(3), R42; those of months stand beside the quarter's and would tell of few
-- by the difference). Append-only, written when one is issued; the list of public bulletins is read by it.
CREATE TABLE public_bulletins (
    docket_id VARCHAR(32) NOT NULL PRIMARY KEY,
    period    VARCHAR(8)  NOT NULL,
    issued_at BIGINT      NOT NULL,
    CONSTRAINT public_bulletins_docket FOREIGN KEY (docket_id) REFERENCES dockets (id)
);
