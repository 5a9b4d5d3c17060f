-- GET /ingestion
--   startAt=2026-11-01
--   endAt=2026-11-30

SELECT toString(toDate(hour, {timezone:String})) AS day, via, outcome, sum(hits) AS hits
FROM ingestion
WHERE website_id = {website_id:UInt32}
  AND toInt64(toUnixTimestamp(hour)) * 1000 >= {from_ms:Int64}
  AND toInt64(toUnixTimestamp(hour)) * 1000 < {to_ms:Int64}
GROUP BY day, via, outcome
ORDER BY day DESC, hits DESC, via, outcome
;
-- with
--   to_ms: 1796083200000
--   from_ms: 1793491200000
--   timezone: "UTC"
--   website_id: the website's id
