-- GET /v0/quarantine
--   date_from=2026-11-01
--   date_to=2026-11-30

SELECT count() 
FROM quarantine
WHERE website_id = {website_id:UInt32}
  AND received_at >= fromUnixTimestamp64Milli({from_ms:Int64})
  AND received_at < fromUnixTimestamp64Milli({to_ms:Int64})
;
-- with
--   to_ms: 1796083200000
--   from_ms: 1793491200000
--   website_id: the website's id

SELECT concat(formatDateTime(received_at, '%Y-%m-%dT%H:%i:%S.'),
              leftPad(toString(toUnixTimestamp64Milli(received_at) % 1000), 3, '0'), 'Z') AS at,
       message_id, type, name, field, message

FROM quarantine
WHERE website_id = {website_id:UInt32}
  AND received_at >= fromUnixTimestamp64Milli({from_ms:Int64})
  AND received_at < fromUnixTimestamp64Milli({to_ms:Int64})

ORDER BY received_at DESC, message_id, type, name, field, message
LIMIT {limit:UInt64} OFFSET {offset:UInt64}
;
-- with
--   limit: 100
--   to_ms: 1796083200000
--   offset: 0
--   from_ms: 1793491200000
--   website_id: the website's id
