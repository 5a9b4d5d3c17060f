-- GET /breakdown
--   startAt=2026-11-01
--   endAt=2026-11-30
--   dimension=all_params

SELECT list, role, count() AS total,
    groupArraySorted({v4:UInt64})((-toInt64(visitors), value, country_, region_code_, region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked)) AS rows
FROM (
    SELECT 0 AS list, role, value, '' AS country_, '' AS region_code_, '' AS region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked
    FROM (
    SELECT role, value, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(completions_) AS completions, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(unmarked_) AS unmarked
    FROM (
        SELECT
            toUInt8(2) AS role,
            pair AS value,
            uniqExact(visitor_id) AS visitors_,
            count() AS sessions_,
            sum(pageviews) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM (
            SELECT visitor_id, pageviews, arrayJoin(arrayFilter(pair -> pair != '', [if(utm_source = '', '', concat('utm_source=', utm_source)), if(utm_medium = '', '', concat('utm_medium=', utm_medium)), if(utm_campaign = '', '', concat('utm_campaign=', utm_campaign)), if(utm_term = '', '', concat('utm_term=', utm_term)), if(utm_content = '', '', concat('utm_content=', utm_content)), if(ref = '', '', concat('ref=', ref)), if(source = '', '', concat('source=', source)), if(via = '', '', concat('via=', via))])) AS pair
            FROM sessions FINAL
            WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND counted_events > 0
        )
        GROUP BY pair
        UNION ALL
        SELECT
            toUInt8(2) AS role,
            pair AS value,
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
            SELECT kind, amount, arrayJoin(arrayFilter(pair -> pair != '', [if(utm_source = '', '', concat('utm_source=', utm_source)), if(utm_medium = '', '', concat('utm_medium=', utm_medium)), if(utm_campaign = '', '', concat('utm_campaign=', utm_campaign)), if(utm_term = '', '', concat('utm_term=', utm_term)), if(utm_content = '', '', concat('utm_content=', utm_content)), if(ref = '', '', concat('ref=', ref)), if(source = '', '', concat('source=', source)), if(via = '', '', concat('via=', via))])) AS pair
            FROM payments FINAL
        WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64})
        )
        GROUP BY pair
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
WHERE role != 2 OR (1 AND visitors + sessions + completions + new_revenue + renewal_revenue > 0)
GROUP BY list, role
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
--   v3: 1793491200
--   v4: 100
