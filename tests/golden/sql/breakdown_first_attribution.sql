-- GET /breakdown
--   startAt=2026-11-01
--   endAt=2026-11-30
--   dimension=channel
--   attribution=first

SELECT list, role, count() AS total,
    groupArraySorted({v5:UInt64})((-toInt64(visitors), value, country_, region_code_, region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked)) AS rows
FROM (
    SELECT
        multiIf(mask = 0, 0, 0) AS list,
        multiIf(mask = 0, if(1, 2, 1), 0) AS role,
        multiIf(mask = 0, if(channel = '', {v4:String}, toString(channel)), '') AS value,
        '' AS country_, '' AS region_code_, '' AS region_,
        visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked
    FROM (
    SELECT mask, channel, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(completions_) AS completions, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(unmarked_) AS unmarked
    FROM (
        SELECT
            grouping(channel) AS mask,
            channel,
            multiIf(grouping(channel) = 0, sum(prev_at - gaps[4] < {v3:UInt32}), countIf(prev_at < {v3:UInt32})) AS visitors_,
            count() AS sessions_,
            sum(pageviews) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            countIf(prev_at = 0 OR (prev_at > 1 AND empty(gaps))) + (SELECT count() FROM doubts) AS unmarked_
        FROM sessions FINAL
        WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND counted_events > 0
        GROUP BY GROUPING SETS ((channel), ())
        UNION ALL
        SELECT
            grouping(channel) AS mask,
            channel,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            sumIf(amount, kind = 'new') AS new_revenue_,
            sumIf(amount, kind = 'renewal') AS renewal_revenue_,
            sumIf(amount, kind = 'refund') AS refunded_revenue_,
            countIf(is_converted = 0 AND kind != 'refund') AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM (

            SELECT payment.kind AS kind, payment.amount AS amount, payment.is_converted AS is_converted,
                if(first.is_known, first.channel, toString(payment.channel)) AS channel
            FROM (SELECT * FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64})) AS payment
            LEFT ANY JOIN (
                SELECT visitor_id, true AS is_known, argMin(toString(visit.channel), (visit.started_at, visit.bot != '', visit.session_id)) AS channel
                FROM sessions AS visit FINAL
                WHERE website_id = {v0:UInt32} AND (started_at, session_id) IN (
                    SELECT started_at, session_id FROM visits WHERE website_id = {v0:UInt32} AND visitor_id IN (
                        SELECT visitor_id FROM payments FINAL WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64}) AND visitor_id != 0
                    )
                )
                GROUP BY visitor_id
            ) AS first ON payment.visitor_id = first.visitor_id
        )
        GROUP BY GROUPING SETS ((channel), ())
    )
    GROUP BY mask, channel
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
--   v4: "Unknown"
--   v5: 100
