-- +goose Up
-- One first rating a handled matter, whatever the channel (6(3)): this key decides between two that come at
-- once. A second rating is the follow-up of the case that the first one opened, and no rating of its own.
CREATE TABLE matter_ratings (
    project_no VARCHAR(64) NOT NULL PRIMARY KEY,
    rating_id  VARCHAR(32) NOT NULL,
    CONSTRAINT matter_ratings_rating FOREIGN KEY (rating_id) REFERENCES ratings (id)
);
