-- +goose Up
-- Calls of the hotline as the call system tells of them (6(4)): a rating by telephone is bound to one. The caller's
-- number is nowhere.
CREATE TABLE calls (
    id           VARCHAR(64) NOT NULL PRIMARY KEY,
    source       VARCHAR(64) NOT NULL,
    -- Person of the agent's account, who alone writes down what this caller rates.
    agent        VARCHAR(64) NOT NULL,
    -- The agent's staff profile and seat: what the caller rates by digit or text message.
    staff_id     VARCHAR(64) NOT NULL,
    window_id    VARCHAR(64) NOT NULL,
    language     VARCHAR(8)  NOT NULL,
    began_at     BIGINT      NOT NULL,
    -- 0 while it lasts.
    ended_at     BIGINT      NOT NULL,
    recording_id VARCHAR(64) NOT NULL,
    -- The privacy and recording notice that was read to the caller (R59), '' until it was.
    notice       VARCHAR(32) NOT NULL,
    -- How often the caller was asked once more after an answer that meant nothing.
    asked_again  BIGINT      NOT NULL,
    CONSTRAINT calls_ended CHECK (ended_at = 0 OR ended_at >= began_at)
);
