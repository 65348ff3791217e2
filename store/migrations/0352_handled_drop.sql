-- +goose Up
-- Its rows stand in handled, which takes its name.
DROP TABLE projects;
