-- GET /overview
--   startAt=2026-11-01
--   endAt=2026-11-30

SELECT sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(bounces_) AS bounces, sum(duration_) AS duration, sum(engaged_) AS engaged, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(payers_) AS payers, sum(unmarked_) AS unmarked
FROM (
    SELECT
        countIf(prev_at < {v0:UInt32}) AS visitors_,
        count() AS sessions_,
        sum(pageviews) AS views_,
        countIf(pageviews = 1 AND counted_events = 1) AS bounces_,
        toUInt64(sum(dateDiff('millisecond', started_at, last_event_at))) AS duration_,
        sum(engaged_ms) AS engaged_,
        toDecimal128(0, 4) AS new_revenue_,
        toDecimal128(0, 4) AS renewal_revenue_,
        toDecimal128(0, 4) AS refunded_revenue_,
        toUInt64(0) AS unconverted_,
        uniqExactIf(visitor_id, visitor_id IN (SELECT visitor_id FROM payments FINAL WHERE website_id = {v1:UInt32} AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v3:Int64}) AND kind = 'new' AND original_amount > 0 AND visitor_id != 0)) AS payers_,
        countIf(prev_at = 0) + (SELECT count() FROM doubts) AS unmarked_
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND started_at >= fromUnixTimestamp64Milli({v2:Int64}) AND started_at < fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND counted_events > 0
    UNION ALL
    SELECT
        toUInt64(0) AS visitors_,
        toUInt64(0) AS sessions_,
        toUInt64(0) AS views_,
        toUInt64(0) AS bounces_,
        toUInt64(0) AS duration_,
        toUInt64(0) AS engaged_,
        sumIf(amount, kind = 'new') AS new_revenue_,
        sumIf(amount, kind = 'renewal') AS renewal_revenue_,
        sumIf(amount, kind = 'refund') AS refunded_revenue_,
        countIf(is_converted = 0 AND kind != 'refund') AS unconverted_,
        toUInt64(0) AS payers_,
        toUInt64(0) AS unmarked_
    FROM payments FINAL
    WHERE website_id = {v1:UInt32} AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v3:Int64})
)
;
-- with
--   v0: 1793491200
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
