-- GET /realtime

SELECT uniqExact(visitor_id)
FROM events
WHERE website_id = {v2:UInt32} AND bot = '' AND occurred_at >= fromUnixTimestamp64Milli({v0:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND visitor_id != 0
;
-- with
--   v0: 1795262100000
--   v1: 1795262460000
--   v2: the website's id
