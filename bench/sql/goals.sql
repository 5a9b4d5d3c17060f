-- The report's visitors, then every goal ever seen: visitors, sessions, completions, revenue of
-- sessions that completed it.
WITH
    report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and event*/ AS is_covered,
    paid AS (
    SELECT session_id, session_started_at, sum(amount) AS revenue FROM payments FINAL
    WHERE website_id = {website:UInt32} AND kind != 'refund' AND session_id != 0
        AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and payment*/
    GROUP BY session_id, session_started_at
)
SELECT value, sum(visitors) AS visitors, sum(sessions), sum(completions), sum(revenue)
FROM (
    -- the names that were ever seen, and what of them lies in the period
    SELECT
        0 AS is_report, toString(name) AS value,
        uniqExactIf(visitor_id, is_covered AND visitor_id != 0) AS visitors,
        uniqExactIf(session_id, is_covered AND is_server_side = 0 AND session_id != 0) AS sessions,
        countIf(is_covered) AS completions, toDecimal128(0, 4) AS revenue
    FROM events
    WHERE website_id = {website:UInt32} AND bot = '' AND type = 'track'
    GROUP BY name
    UNION ALL
    SELECT 0, arrayJoin(['payment', 'free_trial']), 0, 0, 0, 0
    UNION ALL
    SELECT 0, value, 0, 0, 0, sum(revenue)
    FROM (
        SELECT DISTINCT session_id, toString(name) AS value FROM events
        WHERE website_id = {website:UInt32} AND type = 'track' AND session_id IN (SELECT session_id FROM paid)
            AND ((report_at, session_id) IN (SELECT session_started_at, session_id FROM paid)
                OR is_server_side = 1)
    ) AS held
    INNER JOIN paid ON held.session_id = paid.session_id
    GROUP BY value
    UNION ALL
    SELECT 1, '', uniqExact(visitor_id), 0, 0, 0
    FROM sessions FINAL
    WHERE website_id = {website:UInt32} AND bot = ''
        AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and session*/
)
GROUP BY is_report, value
ORDER BY is_report DESC, visitors DESC, value
LIMIT 101
