-- GET /timeseries
--   startAt=2026-11-01
--   endAt=2026-11-30
--   interval=week

SELECT is_total, bucket, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(payers_) AS payers, sum(unmarked_) AS unmarked
FROM (
    SELECT
        grouping(roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)})) AS is_total,
        roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)}) AS bucket,
        if(grouping(roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)})) = 1, countIf(prev_at < {v1:UInt32}), countIf(prev_at < greatest(roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)}), {v1:UInt32}))) AS visitors_,
        count() AS sessions_,
        sum(pageviews) AS views_,
        toDecimal128(0, 4) AS new_revenue_,
        toDecimal128(0, 4) AS renewal_revenue_,
        toDecimal128(0, 4) AS refunded_revenue_,
        toUInt64(0) AS unconverted_,
        if(grouping(roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)})) = 1, uniqExactIf(visitor_id, visitor_id IN (SELECT visitor_id FROM payments FINAL WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND kind = 'new' AND original_amount > 0 AND visitor_id != 0)), uniqExactIf(visitor_id, (roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)}), visitor_id) IN (SELECT roundDown(toUnixTimestamp(report_at), {v0:Array(UInt32)}), visitor_id FROM payments FINAL WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND kind = 'new' AND original_amount > 0 AND visitor_id != 0))) AS payers_,
        countIf(prev_at = 0) + (SELECT count() FROM doubts) AS unmarked_
    FROM sessions FINAL
    WHERE website_id = {v2:UInt32} AND started_at >= fromUnixTimestamp64Milli({v3:Int64}) AND started_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND counted_events > 0
    GROUP BY GROUPING SETS ((roundDown(toUnixTimestamp(started_at), {v0:Array(UInt32)})), ())
    UNION ALL
    SELECT
        grouping(roundDown(toUnixTimestamp(report_at), {v0:Array(UInt32)})) AS is_total,
        roundDown(toUnixTimestamp(report_at), {v0:Array(UInt32)}) AS bucket,
        toUInt64(0) AS visitors_,
        toUInt64(0) AS sessions_,
        toUInt64(0) AS views_,
        sumIf(amount, kind = 'new') AS new_revenue_,
        sumIf(amount, kind = 'renewal') AS renewal_revenue_,
        sumIf(amount, kind = 'refund') AS refunded_revenue_,
        countIf(is_converted = 0 AND kind != 'refund') AS unconverted_,
        toUInt64(0) AS payers_,
        toUInt64(0) AS unmarked_
    FROM payments FINAL
    WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64})
    GROUP BY GROUPING SETS ((roundDown(toUnixTimestamp(report_at), {v0:Array(UInt32)})), ())
)
GROUP BY is_total, bucket
;
-- with
--   v0: [1793491200,1793577600,1794182400,1794787200,1795392000,1795996800]
--   v1: 1793491200
--   v2: the website's id
--   v3: 1793491200000
--   v4: 1796083200000
