-- +goose Up
-- Days off and days worked beyond the built-in national table: further State Council notices,
-- and the layers of the prefecture and the counties. Appended, never changed; the later wins.
CREATE TABLE calendar_layers (
    id       VARCHAR(64)  NOT NULL PRIMARY KEY,
    -- Layers of one rank apply in this order.
    position BIGINT       NOT NULL,
    -- 'notice' counts for the whole country and makes its years certain, 'local' for its area.
    kind     VARCHAR(8)   NOT NULL,
    -- '' for a notice, else the prefecture's or county's division.
    area     VARCHAR(6)   NOT NULL,
    name     VARCHAR(100) NOT NULL,
    version  VARCHAR(100) NOT NULL,
    -- CSV with the header date,kind,holiday, as workday.ReadLayer reads it.
    days     TEXT         NOT NULL,
    author   VARCHAR(64)  NOT NULL,
    added_at BIGINT       NOT NULL,
    basis    VARCHAR(500) NOT NULL,
    CONSTRAINT calendar_layers_position UNIQUE (position),
    CONSTRAINT calendar_layers_version UNIQUE (area, name, version),
    CONSTRAINT calendar_layers_kind CHECK ((kind = 'notice' AND area = '') OR (kind = 'local' AND LENGTH(area) = 6))
);
