-- GET /overview
--   startAt=2026-11-01
--   endAt=2026-11-30
--   fields=visitors,bounceRate

SELECT sum(visitors_) AS visitors, sum(bounces_) AS bounces, sum(sessions_) AS sessions
FROM (
    SELECT
        uniqExact(visitor_id) AS visitors_,
        countIf(pageviews = 1 AND counted_events = 1) AS bounces_,
        count() AS sessions_
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND counted_events > 0
)
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
