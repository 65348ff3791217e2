-- +goose Up
-- An authority's own wording of a kind of document, each version a row that stays: documents name
-- the version they were made with. Version 0 is the product's own and has no row.
CREATE TABLE document_templates (
    authority VARCHAR(64)  NOT NULL,
    kind      VARCHAR(32)  NOT NULL,
    version   INTEGER      NOT NULL,
    red_head  BOOLEAN      NOT NULL,
    title     VARCHAR(200) NOT NULL,
    addressee VARCHAR(400) NOT NULL,
    body      MEDIUMTEXT   NOT NULL,
    author    VARCHAR(32)  NOT NULL,
    added_at  BIGINT       NOT NULL,
    PRIMARY KEY (authority, kind, version),
    CONSTRAINT document_templates_version CHECK (version >= 1)
);
