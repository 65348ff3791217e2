-- +goose Up
-- The national options of each grade.
CREATE TABLE rating_options (
    code        VARCHAR(16)  NOT NULL PRIMARY KEY,
    grade       SMALLINT     NOT NULL,
    text_zh     VARCHAR(200) NOT NULL,
    text_en     VARCHAR(200) NOT NULL,
    -- Shown at once; the others after "more".
    shown_first SMALLINT     NOT NULL,
    CONSTRAINT rating_options_grade CHECK (grade BETWEEN 1 AND 5),
    CONSTRAINT rating_options_first CHECK (shown_first IN (0, 1))
);
