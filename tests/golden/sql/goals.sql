-- GET /goals
--   startAt=2026-11-01
--   endAt=2026-11-30

SELECT list, role, count() AS total,
    groupArraySorted({v5:UInt64})((-toInt64(visitors), value, country_, region_code_, region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked)) AS rows
FROM (
    SELECT 0 AS list, role, value, '' AS country_, '' AS region_code_, '' AS region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked
    FROM (
    SELECT role, value, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(completions_) AS completions, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(unmarked_) AS unmarked
    FROM (
        SELECT
            toUInt8(2) AS role,
            toString(name) AS value,
            uniqExactIf(visitor_id, visitor_id != 0) AS visitors_,
            uniqExactIf(session_id, session_id != 0 AND is_server_side = 0) AS sessions_,
            toUInt64(0) AS views_,
            count() AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM events
        WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND type = 'track'
        GROUP BY value
        UNION ALL
        SELECT
            toUInt8(2) AS role,
            listed_value AS value,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            sumIf(amount, kind = 'new') AS new_revenue_,
            sumIf(amount, kind = 'renewal') AS renewal_revenue_,
            sumIf(amount, kind = 'refund') AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM (
            SELECT session_id, kind, amount FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0
        ) AS payment
        INNER JOIN (
            SELECT DISTINCT session_id, toString(name) AS listed_value FROM events WHERE website_id = {v0:UInt32} AND type = 'track' AND is_server_side = 0 AND (report_at, session_id) IN (SELECT session_started_at, session_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0)
            UNION DISTINCT
            SELECT DISTINCT session_id, toString(name) AS listed_value FROM events WHERE website_id = {v0:UInt32} AND type = 'track' AND is_server_side = 1 AND session_id IN (SELECT session_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0)
        ) AS listed ON payment.session_id = listed.session_id
        GROUP BY listed_value
        UNION ALL
        SELECT
            toUInt8(0) AS role,
            '' AS value,
            countIf(prev_at < {v3:UInt32}) AS visitors_,
            count() AS sessions_,
            sum(pageviews) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            countIf(prev_at = 0) + (SELECT count() FROM doubts) AS unmarked_
        FROM sessions FINAL
        WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND counted_events > 0
        UNION ALL
        SELECT
            toUInt8(0) AS role,
            '' AS value,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            sumIf(amount, kind = 'new') AS new_revenue_,
            sumIf(amount, kind = 'renewal') AS renewal_revenue_,
            sumIf(amount, kind = 'refund') AS refunded_revenue_,
            countIf(is_converted = 0 AND kind != 'refund') AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM payments FINAL
        WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64})
        UNION ALL
        SELECT
            toUInt8(2) AS role,
            toString(name) AS value,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM events
        WHERE website_id = {v0:UInt32} AND bot = '' AND type = 'track'
        GROUP BY name
        UNION ALL
        SELECT
            toUInt8(2) AS role,
            name AS value,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM (SELECT arrayJoin({v4:Array(String)}) AS name)
    )
    GROUP BY role, value
    )
)
WHERE role != 2 OR (1 AND 1)
GROUP BY list, role
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
--   v3: 1793491200
--   v4: ["free_trial","payment"]
--   v5: 100
