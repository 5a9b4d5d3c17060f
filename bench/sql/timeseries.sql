-- The whole period, then each local day: visitors, sessions, pageviews, revenue, conversion rate.
SELECT sum(visitors) AS visitors, sum(sessions), sum(views), sum(revenue), 100 * sum(payers) / greatest(visitors, 1)
FROM (
    SELECT
        toDate(started_at, {timezone:String}) AS day, grouping(day) AS is_total,
        uniqExact(visitor_id) AS visitors, count() AS sessions, sum(pageviews) AS views, toDecimal128(0, 4) AS revenue,
        if(is_total = 1, uniqExactIf(visitor_id, visitor_id IN (
            SELECT visitor_id FROM payments FINAL
            WHERE website_id = {website:UInt32} AND kind = 'new' AND original_amount > 0
                AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        )), uniqExactIf(visitor_id, (toDate(started_at, {timezone:String}), visitor_id) IN (
            SELECT toDate(report_at, {timezone:String}), visitor_id FROM payments FINAL
            WHERE website_id = {website:UInt32} AND kind = 'new' AND original_amount > 0
                AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        ))) AS payers
    FROM sessions FINAL
    WHERE website_id = {website:UInt32} AND bot = ''
        AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and session*/
    GROUP BY GROUPING SETS ((day), ())
    UNION ALL
    SELECT toDate(report_at, {timezone:String}) AS day, grouping(day), 0, 0, 0, sumIf(amount, kind != 'refund'), 0
    FROM payments FINAL
    WHERE website_id = {website:UInt32}
        AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
        /*and payment*/
    GROUP BY GROUPING SETS ((day), ())
)
GROUP BY is_total, day
ORDER BY is_total DESC, day
