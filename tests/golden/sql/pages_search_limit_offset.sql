-- GET /pages
--   startAt=2026-11-01
--   endAt=2026-11-30
--   search=pri
--   limit=10
--   offset=20

SELECT count() FROM (SELECT 1 FROM sessions FINAL WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0) LIMIT 1)
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000

SELECT list, role, count() AS total,
    groupArraySorted({v4:UInt64})((-toInt64(visitors), value, country_, region_code_, region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked)) AS rows
FROM (
    SELECT 0 AS list, role, value, '' AS country_, '' AS region_code_, '' AS region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked
    FROM (
    SELECT role, value, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(completions_) AS completions, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(unmarked_) AS unmarked
    FROM (
        SELECT
            toUInt8(2) AS role,
            toString(page) AS value,
            countIf(NOT is_in_set AND prev_at < greatest({v3:UInt32}, intDiv(toUnixTimestamp64Milli((SELECT min(started_at) FROM sessions WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}))), 1000))) + uniqExactIf(visitor_id, is_in_set) AS visitors_,
            countIf(prev_at != 4294967295) + uniqExactIf(session_id, session_id != 0) AS sessions_,
            count() AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM (
            SELECT page, prev_at, visitor_id, is_in_set, 0 AS session_id
            FROM (
                SELECT visitor_id, visitor_id IN (SELECT visitor_id FROM sessions FINAL WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)) AS is_in_set, walk_type, walk_label, walk_prev_at
                FROM sessions FINAL
                WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
            )
            ARRAY JOIN walk_type AS type, walk_label AS page, walk_prev_at AS prev_at
            WHERE type = 'page'
            UNION ALL
            SELECT path AS page, 4294967295 AS prev_at, visitor_id, 1 AS is_in_set, session_id
            FROM events
            WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND type = 'page' AND session_id != 0 AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM sessions FINAL WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)))
        )
        GROUP BY page
        UNION ALL
        SELECT
            toUInt8(2) AS role,
            seen AS value,
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
            SELECT session_id, toString(page) AS seen FROM (
                SELECT session_id, walk_type, walk_label, walk_prev_at
                FROM sessions FINAL
                WHERE website_id = {v0:UInt32} AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0) AND started_at >= (SELECT min(session_started_at) FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0) AND session_id IN (SELECT session_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0)
            )
            ARRAY JOIN walk_type AS type, walk_label AS page, walk_prev_at AS prev_at
            WHERE type = 'page' AND prev_at != 4294967295
            UNION ALL
            SELECT DISTINCT session_id, toString(path) AS seen FROM events WHERE website_id = {v0:UInt32} AND type = 'page' AND (report_at, session_id) IN (SELECT session_started_at, session_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0) AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM sessions FINAL WHERE website_id = {v0:UInt32} AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0) AND started_at >= (SELECT min(session_started_at) FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0) AND session_id IN (SELECT session_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND session_id != 0 AND kind != 'refund' AND amount > 0)))
        ) AS pages ON payment.session_id = pages.session_id
        GROUP BY seen
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
    )
    GROUP BY role, value
    )
)
WHERE role != 2 OR ((positionCaseInsensitiveUTF8(value, {v5:String}) > 0) AND visitors + sessions + completions + new_revenue + renewal_revenue > 0)
GROUP BY list, role
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
--   v3: 1793491200
--   v4: 30
--   v5: "pri"
