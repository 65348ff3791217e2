-- +goose Up
-- The organisation tree (R01): prefecture, counties, townships, authorities, departments, halls,
-- service centres, enterprises, the hotline, the discipline body. Rows are never deleted: old
-- ratings go on naming them.
CREATE TABLE orgs (
    id          VARCHAR(64)  NOT NULL PRIMARY KEY,
    -- NULL for the prefecture only. Queries of the tree walk this column.
    parent      VARCHAR(64)  NULL,
    kind        VARCHAR(20)  NOT NULL,
    -- 6 digits (GB/T 2260): the division whose authority is of the same level (R52).
    area        CHAR(6)      NOT NULL,
    -- 6 digits, 9 for a township: the division itself.
    division    VARCHAR(9)   NOT NULL,
    name_zh     VARCHAR(200) NOT NULL,
    name_en     VARCHAR(200) NOT NULL,
    -- Unified social credit code (GB 32100), '' where the place has none of its own.
    credit_code VARCHAR(18)  NOT NULL DEFAULT '',
    CONSTRAINT orgs_parent FOREIGN KEY (parent) REFERENCES orgs (id),
    CONSTRAINT orgs_root CHECK ((kind = 'prefecture') = (parent IS NULL)),
    CONSTRAINT orgs_kind CHECK (kind IN ('prefecture', 'county', 'township', 'authority', 'department',
        'hall', 'service_centre', 'enterprise', 'hotline', 'discipline')),
    CONSTRAINT orgs_area CHECK (LENGTH(area) = 6 AND LENGTH(division) IN (6, 9)
        AND SUBSTR(division, 1, 6) = area)
);
