-- +goose Up
-- Of ratings from before this rule the earliest counts as the first.
INSERT INTO matter_ratings (project_no, rating_id)
SELECT r.project_no, MIN(r.id) FROM ratings r
WHERE r.project_no <> '' AND r.given_at = (SELECT MIN(o.given_at) FROM ratings o WHERE o.project_no = r.project_no)
GROUP BY r.project_no;
