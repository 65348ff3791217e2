-- +goose Up
-- Windows of a hall or service centre, each staffed by a unit (clause 3). "windows" is a reserved
-- word in some engines' grammars, hence the longer name.
CREATE TABLE service_windows (
    id       VARCHAR(64)  NOT NULL PRIMARY KEY,
    hall_id  VARCHAR(64)  NOT NULL,
    -- The unit whose people serve there: the rated unit.
    unit_id  VARCHAR(64)  NOT NULL,
    number   VARCHAR(16)  NOT NULL,
    name_zh  VARCHAR(200) NOT NULL,
    name_en  VARCHAR(200) NOT NULL,
    delivery SMALLINT     NOT NULL,
    -- What stands in the QR code, opaque.
    code     VARCHAR(64)  NOT NULL,
    CONSTRAINT service_windows_hall FOREIGN KEY (hall_id) REFERENCES orgs (id),
    CONSTRAINT service_windows_unit FOREIGN KEY (unit_id) REFERENCES orgs (id),
    CONSTRAINT service_windows_code UNIQUE (code),
    -- No two windows of one hall carry the same number.
    CONSTRAINT service_windows_number UNIQUE (hall_id, number),
    CONSTRAINT service_windows_delivery CHECK (delivery IN (0, 1))
);
