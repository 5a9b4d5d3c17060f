SELECT uniqExact(visitor_id)
FROM events
WHERE website_id = {website:UInt32} AND bot = '' AND visitor_id != 0
    AND occurred_at >= fromUnixTimestamp64Milli({now_ms:Int64} - 300000)
    AND occurred_at <= fromUnixTimestamp64Milli({now_ms:Int64} + 60000)
