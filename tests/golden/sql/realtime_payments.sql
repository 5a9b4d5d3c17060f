-- GET /realtime
--   payments=20

SELECT uniqExact(visitor_id)
FROM events
WHERE website_id = {v2:UInt32} AND bot = '' AND occurred_at >= fromUnixTimestamp64Milli({v0:Int64}) AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND visitor_id != 0
;
-- with
--   v0: 1795262100000
--   v1: 1795262460000
--   v2: the website's id

SELECT toUnixTimestamp64Milli(report_at) AS at, toString(kind) AS kind, is_converted,
    toString(amount) AS amount, toString(original_amount) AS original,
    toString(original_currency) AS currency, visitor_id
FROM payments FINAL
WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v0:Int64}) AND report_at < fromUnixTimestamp64Milli({v1:Int64})
ORDER BY report_at DESC, movement_id
LIMIT {v3:UInt64}
;
-- with
--   v0: 1795176000000
--   v1: 1795262460001
--   v2: the website's id
--   v3: 20
