-- +goose Up
-- The public bulletins of quarters that were issued before they were kept apart, from the dockets.
INSERT INTO public_bulletins (docket_id, period, issued_at)
    SELECT id, period, ended_at FROM dockets
    WHERE kind = 'bulletin' AND stage IN ('issued', 'corrected') AND period LIKE '%-Q%' AND JSON_UNQUOTE(JSON_EXTRACT(CONVERT(state USING utf8mb4), '$.facts.audience')) = 'public';
