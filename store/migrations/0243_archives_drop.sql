-- +goose Up
-- Its rows stand in archives_with_papers, which takes its name.
DROP TABLE archives;
