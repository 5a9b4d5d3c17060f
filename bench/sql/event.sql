-- The whole report, then the first 100 events: visitors, sessions, those sessions' pageviews, revenue
-- of sessions that hold the event, completions; and how many names there are.
WITH
    if(type IN ('track', 'decoded_log'), toString(name), toString(type)) AS event_name,
    paid AS (
        SELECT session_id, session_started_at, sum(amount) AS revenue FROM payments FINAL
        WHERE website_id = {website:UInt32} AND kind != 'refund' AND session_id != 0
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and payment*/
        GROUP BY session_id, session_started_at
    )
SELECT value, visitors, sessions, views, revenue, completions, count() OVER () - 1
FROM (
    SELECT
        is_report, value, sum(visitors) AS visitors, sum(sessions) AS sessions, sum(views) AS views,
        sum(revenue) AS revenue, sum(completions) AS completions
    FROM (
        SELECT
            0 AS is_report, value, uniqExactIf(visitor_id, visitor_id != 0) AS visitors, countIf(is_own) AS sessions,
            sumIf(pageviews, is_own) AS views, toDecimal128(0, 4) AS revenue, sum(times) AS completions
        FROM (
            SELECT event_name AS value, session_id, visitor_id, count() AS times,
                max(session_id != 0 AND is_server_side = 0) AS is_own
            FROM events
            WHERE website_id = {website:UInt32} AND bot = '' /*and kind*/
                AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
                /*and event*/
            GROUP BY value, session_id, visitor_id
        ) AS reached
        LEFT ANY JOIN (
            SELECT session_id, pageviews FROM sessions FINAL
            WHERE website_id = {website:UInt32}
                AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
        ) AS visited ON reached.session_id = visited.session_id
        GROUP BY value
        UNION ALL
        SELECT 0, value, 0, 0, 0, sum(revenue), 0
        FROM (
            SELECT DISTINCT session_id, event_name AS value FROM events
            WHERE website_id = {website:UInt32} /*and kind*/ AND session_id IN (SELECT session_id FROM paid)
                AND ((report_at, session_id) IN (SELECT session_started_at, session_id FROM paid)
                    OR is_server_side = 1)
        ) AS held
        INNER JOIN paid ON held.session_id = paid.session_id
        GROUP BY value
        UNION ALL
        SELECT 1, '', uniqExact(visitor_id), count(), sum(pageviews), 0, 0
        FROM sessions FINAL
        WHERE website_id = {website:UInt32} AND bot = ''
            AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and session*/
        UNION ALL
        SELECT 1, '', 0, 0, 0, sumIf(amount, kind != 'refund'), 0
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
