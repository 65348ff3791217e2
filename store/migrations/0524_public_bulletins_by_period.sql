-- +goose Up
-- A quarter's public bulletins are read together: each is held against the others.
CREATE INDEX public_bulletins_by_period ON public_bulletins (period);
