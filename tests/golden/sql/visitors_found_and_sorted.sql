-- GET /visitors
--   startAt=2026-11-01
--   endAt=2026-11-30
--   search=0xA1
--   sort=paid
--   order=asc

SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM (
WITH
visits AS (
    SELECT visitor_id, count() AS sessions
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND started_at >= fromUnixTimestamp64Milli({v4:Int64}) AND started_at < fromUnixTimestamp64Milli({v5:Int64}) AND bot = '' AND counted_events > 0
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM visits

LEFT JOIN (SELECT visitor_id, toInt64(sum(amount) * 10000) AS key FROM payments FINAL WHERE website_id = {v1:UInt32} AND report_at >= fromUnixTimestamp64Milli({v4:Int64}) AND report_at < fromUnixTimestamp64Milli({v5:Int64}) AND kind != 'refund' AND visitor_id != 0 GROUP BY visitor_id) AS others USING (visitor_id)
)
    WHERE (visitor_id IN {v2:Array(UInt64)} OR visitor_id = {v3:UInt64} OR visitor_id IN (SELECT visitor_id FROM events WHERE website_id = {v1:UInt32} AND visitor_id != 0 AND positionCaseInsensitive(address, {v0:String}) > 0))
)

ORDER BY key ASC, visitor_id
LIMIT {v6:UInt64}
;
-- with
--   v0: "0xA1"
--   v1: the website's id
--   v2: []
--   v3: the id of a visitor with that cookie
--   v4: 1793491200000
--   v5: 1796083200000
--   v6: 101
