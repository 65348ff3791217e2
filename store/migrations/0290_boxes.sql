-- +goose Up
-- Suggestion boxes (6(2), R13). Rows are never deleted: forms go on naming them.
CREATE TABLE boxes (
    id            VARCHAR(32)  NOT NULL PRIMARY KEY,
    hall_id       VARCHAR(64)  NOT NULL,
    -- The hall's, for the reader's scope.
    area          CHAR(6)      NOT NULL,
    -- Where in the hall it stands.
    place         VARCHAR(200) NOT NULL,
    state         VARCHAR(20)  NOT NULL,
    registered_at BIGINT       NOT NULL,
    registered_by VARCHAR(64)  NOT NULL,
    CONSTRAINT boxes_hall FOREIGN KEY (hall_id) REFERENCES orgs (id),
    -- The same form sent twice registers one box.
    CONSTRAINT boxes_place UNIQUE (hall_id, place),
    CONSTRAINT boxes_state CHECK (state IN ('active', 'out_of_use'))
);
