-- One row: visitors, sessions, pageviews, bounce rate, session duration, engaged time, revenue (new,
-- renewal, refunded), conversion rate.
SELECT
    visitors, sessions, views, 100 * bounces / greatest(sessions, 1), duration_ms / greatest(sessions, 1) / 1000,
    engaged / greatest(sessions, 1) / 1000,
    money.1, money.2, money.3, 100 * payers / greatest(visitors, 1)
FROM (
    SELECT
        uniqExact(visitor_id) AS visitors, count() AS sessions, sum(pageviews) AS views,
        countIf(pageviews = 1 AND counted_events = 1) AS bounces,
        sum(toUnixTimestamp64Milli(last_event_at) - toUnixTimestamp64Milli(started_at)) AS duration_ms,
        sum(engaged_ms) AS engaged,
        uniqExactIf(visitor_id, visitor_id IN (
            SELECT visitor_id FROM payments FINAL
            WHERE website_id = {website:UInt32} AND kind = 'new' AND original_amount > 0
                AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        )) AS payers
    FROM sessions FINAL
    WHERE website_id = {website:UInt32} AND bot = ''
        AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and session*/
) AS visited,
(
    SELECT (sumIf(amount, kind = 'new'), sumIf(amount, kind = 'renewal'), sumIf(amount, kind = 'refund')) AS money
    FROM payments FINAL
    WHERE website_id = {website:UInt32}
        AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and payment*/
) AS paid
