-- +goose Up
-- Whom a typed code enrols.
CREATE INDEX devices_by_code ON devices (code_hash);
