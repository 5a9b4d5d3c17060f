-- GET /realtime
--   minutes=30

SELECT uniqExact(visitor_id)
FROM events
WHERE website_id = {v2:UInt32} AND bot = '' AND occurred_at >= fromUnixTimestamp64Milli({v0:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND visitor_id != 0
;
-- with
--   v0: 1795262100000
--   v1: 1795262460000
--   v2: the website's id

SELECT least(intDiv(toUnixTimestamp64Milli(occurred_at), {v1:Int64}), {v0:Int64}) * {v1:Int64} AS minute, uniqExact(visitor_id) AS visitors
FROM events
WHERE website_id = {v4:UInt32} AND bot = '' AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({v3:Int64}) AND visitor_id != 0
GROUP BY minute
ORDER BY minute
;
-- with
--   v0: 29921040
--   v1: 60000
--   v2: 1795260660000
--   v3: 1795262460000
--   v4: the website's id
