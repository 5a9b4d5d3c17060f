-- The whole report, then the first 100 campaign parameters as name=value; and how many there are.
SELECT value, visitors, sessions, views, revenue, count() OVER () - 1
FROM (
    SELECT
        is_report, value, sum(visitors) AS visitors, sum(sessions) AS sessions, sum(views) AS views, sum(revenue) AS revenue
    FROM (
        SELECT
            0 AS is_report, arrayJoin(arrayFilter(pair -> NOT endsWith(pair, '='), [
                concat('utm_source=', utm_source), concat('utm_medium=', utm_medium),
                concat('utm_campaign=', utm_campaign), concat('utm_term=', utm_term),
                concat('utm_content=', utm_content), concat('ref=', ref), concat('source=', source),
                concat('via=', via)])) AS value,
            uniqExact(visitor_id) AS visitors, count() AS sessions, sum(pageviews) AS views, toDecimal128(0, 4) AS revenue
        FROM sessions FINAL
        WHERE website_id = {website:UInt32} AND bot = ''
            AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and session*/
        GROUP BY value
        UNION ALL
        SELECT
            0, arrayJoin(arrayFilter(pair -> NOT endsWith(pair, '='), [
                concat('utm_source=', utm_source), concat('utm_medium=', utm_medium),
                concat('utm_campaign=', utm_campaign), concat('utm_term=', utm_term),
                concat('utm_content=', utm_content), concat('ref=', ref), concat('source=', source),
                concat('via=', via)])) AS value,
            0, 0, 0, sumIf(amount, kind != 'refund')
        FROM payments FINAL
        WHERE website_id = {website:UInt32}
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and payment*/
        GROUP BY value
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
