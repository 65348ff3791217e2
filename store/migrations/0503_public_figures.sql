-- +goose Up
-- Editions of the public figures of a month or a quarter (7(1), 9(1)): body is what everybody may read, as JSON; seal is the version
-- of the prefecture's sealed figures from which the edition was made. Append-only: an edition never changes.
CREATE TABLE public_figures (
    period       VARCHAR(8) NOT NULL,
    edition      BIGINT     NOT NULL,
    seal         BIGINT     NOT NULL,
    published_at BIGINT     NOT NULL,
    digest       CHAR(64)   NOT NULL,
    body         MEDIUMBLOB NOT NULL,
    PRIMARY KEY (period, edition),
    CONSTRAINT public_figures_edition CHECK (edition >= 1)
);
