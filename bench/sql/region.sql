-- The whole report, then the first 100 regions: visitors, sessions, pageviews, revenue;
-- and how many there are.
SELECT if(is_report != 0, '', value), visitors, sessions, views, revenue, count() OVER () - 1
FROM (
    SELECT
        is_report, if(region = '', {missing:String}, region) AS value, country, region_code,
        sum(visitors) AS visitors, sum(sessions) AS sessions, sum(views) AS views, sum(revenue) AS revenue
    FROM (
        SELECT
            region, country, region_code, grouping(region, country, region_code) AS is_report,
            uniqExact(visitor_id) AS visitors, count() AS sessions, sum(pageviews) AS views, toDecimal128(0, 4) AS revenue
        FROM sessions FINAL
        WHERE website_id = {website:UInt32} AND bot = ''
            AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and session*/
        GROUP BY GROUPING SETS ((region, country, region_code), ())
        UNION ALL
        SELECT region, country, region_code, grouping(region, country, region_code), 0, 0, 0, sumIf(amount, kind != 'refund')
        FROM payments FINAL
        WHERE website_id = {website:UInt32}
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and payment*/
        GROUP BY GROUPING SETS ((region, country, region_code), ())
    )
    GROUP BY is_report, region, country, region_code
)
WHERE is_report != 0 OR (value != '' AND visitors + revenue > 0)
ORDER BY is_report DESC, visitors DESC, value, country, region_code
LIMIT 101
