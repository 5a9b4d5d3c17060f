-- GET /visitors
--   startAt=2026-11-01
--   endAt=2026-11-30
--   filter_country=AT

SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM (
WITH
visits AS (
    SELECT visitor_id, count() AS sessions, max(toUnixTimestamp64Milli(last_event_at)) AS key
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND started_at >= fromUnixTimestamp64Milli({v2:Int64}) AND started_at < fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND counted_events > 0 AND lowerUTF8(country) IN arrayMap(v -> lowerUTF8(v), {v0:Array(String)})
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM visits

)
    
)

ORDER BY key DESC, visitor_id
LIMIT {v4:UInt64}
;
-- with
--   v0: ["AT"]
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 101

SELECT visitor_id, min(bot != ''), count(), sum(pageviews),
    toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(last_event_at)),
    argMaxIf(concat(hostname, exit_page), (exit_page_at, (last_event_at, started_at, session_id)), pageviews > 0),
    argMax(toString(country), (last_event_at, started_at, session_id)),
    argMax(toString(region), (last_event_at, started_at, session_id)),
    argMax(toString(city), (last_event_at, started_at, session_id)),
    argMax(toString(device), (last_event_at, started_at, session_id)),
    argMax(toString(browser), (last_event_at, started_at, session_id)),
    argMax(toString(os), (last_event_at, started_at, session_id)),
    argMax(toString(channel), (last_event_at, started_at, session_id)),
    argMax(toString(referrer), (last_event_at, started_at, session_id)),
    argMax(toString(utm_source), (last_event_at, started_at, session_id)),
    argMax(toString(source), (last_event_at, started_at, session_id)),
    argMax(toString(ref), (last_event_at, started_at, session_id)),
    argMax(toString(via), (last_event_at, started_at, session_id))
FROM sessions FINAL
WHERE website_id = {v1:UInt32} AND started_at >= fromUnixTimestamp64Milli({v3:Int64}) AND started_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND counted_events > 0 AND lowerUTF8(country) IN arrayMap(v -> lowerUTF8(v), {v2:Array(String)}) AND visitor_id IN {v0:Array(UInt64)} AND (started_at, session_id) IN (SELECT started_at, session_id FROM visits WHERE website_id = {v1:UInt32} AND visitor_id IN {v0:Array(UInt64)})
GROUP BY visitor_id
;
-- with
--   v0: [the visitor's id]
--   v1: the website's id
--   v2: ["AT"]
--   v3: 1793491200000
--   v4: 1796083200000

SELECT visitor_id, countIf(type = 'track'),
    argMaxIf(toString(address), (occurred_at, seq), address != '')
FROM events
WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND visitor_id IN {v0:Array(UInt64)} AND lowerUTF8(country) IN arrayMap(v -> lowerUTF8(v), {v1:Array(String)})
GROUP BY visitor_id
;
-- with
--   v0: [the visitor's id]
--   v1: ["AT"]
--   v2: the website's id
--   v3: 1793491200000
--   v4: 1796083200000

SELECT visitor_id, if(is_converted = 1, '', toString(original_currency)) AS lacking,
    sum(amount), sum(original_amount), max(original_amount > 0)
FROM payments FINAL
WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND kind != 'refund' AND visitor_id IN {v0:Array(UInt64)} AND lowerUTF8(country) IN arrayMap(v -> lowerUTF8(v), {v1:Array(String)})
GROUP BY visitor_id, lacking
ORDER BY visitor_id, lacking
;
-- with
--   v0: [the visitor's id]
--   v1: ["AT"]
--   v2: the website's id
--   v3: 1793491200000
--   v4: 1796083200000
