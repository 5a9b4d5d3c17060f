-- GET /realtime/map

WITH present AS (
    SELECT visitor_id,
        max((occurred_at, seq)) AS newest,
        argMax((toString(hostname), toString(country), toString(region), toString(city), toString(browser), toString(os), toString(device), toString(referrer)), (occurred_at, seq)) AS facts,
        argMax((session_id, report_at), (session_id != 0, is_server_side = 0, occurred_at, seq))
            AS visit,
        argMaxIf(toString(path), (occurred_at, seq), type = 'page') AS path
    FROM events
    WHERE website_id = {v2:UInt32} AND bot = '' AND occurred_at >= fromUnixTimestamp64Milli({v0:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND visitor_id != 0
    GROUP BY visitor_id
    ORDER BY newest DESC, visitor_id
    LIMIT {v3:UInt64}
)
SELECT visitor_id,
    tupleElement(facts, 1) AS hostname,
    tupleElement(facts, 2) AS country,
    tupleElement(facts, 3) AS region,
    tupleElement(facts, 4) AS city,
    tupleElement(facts, 5) AS browser,
    tupleElement(facts, 6) AS os,
    tupleElement(facts, 7) AS device,
    tupleElement(facts, 8) AS referrer,
    if(present.path = '', toString(visited.exit_page), present.path) AS page,
    if(visited.session_id = 0, 0, toUnixTimestamp64Milli(visited.started_at)) AS started_ms,
    visited.pageviews AS views,
    paid.revenue AS revenue,
    paid.is_customer AS is_customer
FROM present
LEFT ANY JOIN (
    SELECT session_id, started_at, pageviews, exit_page
    FROM sessions FINAL
    WHERE website_id = {v2:UInt32} AND session_id IN (SELECT visit.1 FROM present)
        AND started_at >= (SELECT min(visit.2) FROM present WHERE visit.1 != 0)
) AS visited ON tupleElement(present.visit, 1) = visited.session_id
LEFT ANY JOIN (
    SELECT visitor_id AS payer, sumIf(amount, kind != 'refund') AS revenue,
        max(kind != 'refund' AND original_amount > 0) AS is_customer
    FROM payments FINAL
    WHERE website_id = {v2:UInt32}
        AND visitor_id IN (SELECT visitor_id FROM present)
    GROUP BY payer
) AS paid ON present.visitor_id = paid.payer
ORDER BY present.newest DESC, visitor_id
;
-- with
--   v0: 1795262100000
--   v1: 1795262460000
--   v2: the website's id
--   v3: 1000
