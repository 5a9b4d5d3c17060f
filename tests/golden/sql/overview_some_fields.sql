-- GET /overview
--   startAt=2026-11-01
--   endAt=2026-11-30
--   fields=visitors,bounceRate

SELECT sum(visitors_) AS visitors, sum(bounces_) AS bounces, sum(sessions_) AS sessions, sum(unmarked_) AS unmarked
FROM (
    SELECT
        countIf(prev_at < {v0:UInt32}) AS visitors_,
        countIf(pageviews = 1 AND counted_events = 1) AS bounces_,
        count() AS sessions_,
        countIf(prev_at = 0) + (SELECT count() FROM doubts) AS unmarked_
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND started_at >= fromUnixTimestamp64Milli({v2:Int64}) AND started_at < fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND counted_events > 0
)
;
-- with
--   v0: 1793491200
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
