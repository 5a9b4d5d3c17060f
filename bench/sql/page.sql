-- The whole report, then the first 100 pages: visitors, sessions, views, revenue of sessions that saw
-- the page; and how many pages there are.
WITH paid AS (
    SELECT session_id, session_started_at, sum(amount) AS revenue FROM payments FINAL
    WHERE website_id = {website:UInt32} AND kind != 'refund' AND session_id != 0
        AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and payment*/
    GROUP BY session_id, session_started_at
)
SELECT value, visitors, sessions, views, revenue, count() OVER () - 1
FROM (
    SELECT
        is_report, value, sum(visitors) AS visitors, sum(sessions) AS sessions, sum(views) AS views, sum(revenue) AS revenue
    FROM (
        SELECT
            0 AS is_report, toString(path) AS value, uniqExact(visitor_id) AS visitors,
            uniqExact(session_id) AS sessions, count() AS views, toDecimal128(0, 4) AS revenue
        FROM events
        WHERE website_id = {website:UInt32} AND bot = '' AND type = 'page' AND session_id != 0
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and event*/
        GROUP BY path
        UNION ALL
        SELECT 0, path, 0, 0, 0, sum(revenue)
        FROM (
            SELECT DISTINCT session_id, toString(path) AS path FROM events
            WHERE website_id = {website:UInt32} AND type = 'page'
                AND (report_at, session_id) IN (SELECT session_started_at, session_id FROM paid)
        ) AS seen
        INNER JOIN paid ON seen.session_id = paid.session_id
        GROUP BY path
        UNION ALL
        SELECT 1, '', uniqExact(visitor_id), count(), sum(pageviews), 0
        FROM sessions FINAL
        WHERE website_id = {website:UInt32} AND bot = ''
            AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and session*/
        UNION ALL
        SELECT 1, '', 0, 0, 0, sumIf(amount, kind != 'refund')
        FROM payments FINAL
        WHERE website_id = {website:UInt32}
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and payment*/
    )
    GROUP BY is_report, value
)
WHERE is_report != 0 OR visitors + revenue > 0
ORDER BY is_report DESC, visitors DESC, value
LIMIT 101
