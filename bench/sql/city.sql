-- The whole report, then the first 100 cities: visitors, sessions, pageviews, revenue;
-- and how many there are.
SELECT if(is_report != 0, '', value), visitors, sessions, views, revenue, count() OVER () - 1
FROM (
    SELECT
        is_report, if(city = '', {missing:String}, city) AS value, country, region_code, region,
        sum(visitors) AS visitors, sum(sessions) AS sessions, sum(views) AS views, sum(revenue) AS revenue
    FROM (
        SELECT
            city, country, region_code, region, grouping(city, country, region_code, region) AS is_report,
            uniqExact(visitor_id) AS visitors, count() AS sessions, sum(pageviews) AS views, toDecimal128(0, 4) AS revenue
        FROM sessions FINAL
        WHERE website_id = {website:UInt32} AND bot = ''
            AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and session*/
        GROUP BY GROUPING SETS ((city, country, region_code, region), ())
        UNION ALL
        SELECT city, country, region_code, region, grouping(city, country, region_code, region), 0, 0, 0, sumIf(amount, kind != 'refund')
        FROM payments FINAL
        WHERE website_id = {website:UInt32}
            AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
            AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
            /*and payment*/
        GROUP BY GROUPING SETS ((city, country, region_code, region), ())
    )
    GROUP BY is_report, city, country, region_code, region
)
WHERE is_report != 0 OR (value != '' AND visitors + revenue > 0)
ORDER BY is_report DESC, visitors DESC, value, country, region_code, region
LIMIT 101
