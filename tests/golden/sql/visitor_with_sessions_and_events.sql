-- GET /visitors/7c9e6679-7425-40de-944b-e07fc1f90ae7
--   include=sessions,events
--   before=2026-11-22T12:00:00Z

SELECT 1 FROM visits WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64} LIMIT 1
UNION ALL
SELECT 1 FROM payments FINAL WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64} LIMIT 1
;
-- with
--   v0: the visitor's id
--   v1: the website's id

SELECT bot != '' AS is_bot, count(), sum(pageviews),
    toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(last_event_at)),
    argMaxIf(concat(hostname, exit_page), (exit_page_at, (last_event_at, started_at, session_id)), pageviews > 0),
    argMax(toString(country), (last_event_at, started_at, session_id)), argMax(toString(region), (last_event_at, started_at, session_id)), argMax(toString(city), (last_event_at, started_at, session_id)), argMax(toString(browser), (last_event_at, started_at, session_id)), argMax(toString(browser_version), (last_event_at, started_at, session_id)), argMax(toString(os), (last_event_at, started_at, session_id)), argMax(toString(os_version), (last_event_at, started_at, session_id)), argMax(toString(device), (last_event_at, started_at, session_id)), argMax(toString(screen), (last_event_at, started_at, session_id)), argMax(toString(referrer), (last_event_at, started_at, session_id)), argMax(toString(utm_source), (last_event_at, started_at, session_id)), argMax(toString(source), (last_event_at, started_at, session_id)), argMax(toString(ref), (last_event_at, started_at, session_id)), argMax(toString(via), (last_event_at, started_at, session_id))
FROM sessions FINAL
WHERE website_id = {v1:UInt32} AND (started_at, session_id) IN (SELECT started_at, session_id FROM visits WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64}) AND visitor_id = {v0:UInt64} AND counted_events > 0
GROUP BY is_bot
ORDER BY is_bot
;
-- with
--   v0: the visitor's id
--   v1: the website's id

SELECT *
FROM (
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, toUInt8(0) AS rank, seq AS tie,
        if(type = 'page', 'pageview', 'goal') AS action,
        if(path = '', '', concat(hostname, path)) AS url, toString(name) AS label,
        '' AS paid, toUInt8(1) AS is_known,
        toDecimal64(0, 4) AS own, toDecimal64(0, 4) AS original, '' AS currency
    FROM events
    WHERE website_id = {v4:UInt32} AND visitor_id = {v0:UInt64} AND (type = 'page' OR (type = 'track' AND name NOT IN ('free_trial', 'payment'))) AND (is_server_side = 1 OR bot = '') AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND (toUnixTimestamp64Milli(occurred_at), 0, seq) < ({v1:Int64}, {v2:UInt8}, {v3:UInt64})
    UNION ALL
    SELECT toUnixTimestamp64Milli(report_at), toUInt8(1), sipHash64(movement_id), 'payment', '', '',
        toString(kind), is_converted, amount, original_amount, toString(original_currency)
    FROM payments FINAL
    WHERE website_id = {v4:UInt32} AND visitor_id = {v0:UInt64} AND report_at <= fromUnixTimestamp64Milli({v1:Int64}) AND (toUnixTimestamp64Milli(report_at), 1, sipHash64(movement_id)) < ({v1:Int64}, {v2:UInt8}, {v3:UInt64})
)
ORDER BY at DESC, rank DESC, tie DESC
LIMIT {v5:UInt64} BY action
;
-- with
--   v0: the visitor's id
--   v1: 1795348800000
--   v2: 0
--   v3: 0
--   v4: the website's id
--   v5: 100

SELECT if(is_converted, '', toString(original_currency)) AS lacking,
    sumIf(amount, kind != 'refund'), sumIf(amount, kind = 'refund'),
    sumIf(original_amount, kind != 'refund'),
    max(kind != 'refund' AND original_amount > 0), toUnixTimestamp64Milli(minIf(report_at, kind != 'refund' AND original_amount > 0))
FROM payments FINAL
WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64}
GROUP BY lacking
ORDER BY lacking
;
-- with
--   v0: the visitor's id
--   v1: the website's id

SELECT session_id, toUnixTimestamp64Milli(started_at) AS at, toUnixTimestamp64Milli(last_event_at),
    engaged_ms, pageviews, counted_events, toString(entry_page), toString(exit_page), exit_link,
    toString(hostname), toString(referrer), toString(channel), toString(utm_source), toString(utm_campaign), toString(source), toString(ref), toString(via), toString(country), toString(region), toString(city), toString(device), toString(browser), toString(os), toString(language), toString(screen)
FROM sessions FINAL
WHERE website_id = {v4:UInt32} AND (started_at, session_id) IN (SELECT started_at, session_id FROM visits WHERE website_id = {v4:UInt32} AND visitor_id = {v3:UInt64}) AND visitor_id = {v3:UInt64} AND counted_events > 0 AND bot = '' AND started_at <= fromUnixTimestamp64Milli({v0:Int64}) AND (toUnixTimestamp64Milli(started_at), 0, session_id) < ({v0:Int64}, {v1:UInt8}, {v2:UInt64})
ORDER BY at DESC, session_id DESC
LIMIT {v5:UInt64}
;
-- with
--   v0: 1795348800000
--   v1: 0
--   v2: 0
--   v3: the visitor's id
--   v4: the website's id
--   v5: 100

SELECT session_id, sum(amount)
FROM payments FINAL
WHERE website_id = {v1:UInt32} AND session_id IN {v0:Array(UInt64)} AND kind != 'refund'
GROUP BY session_id
;
-- with
--   v0: [the id of a session]
--   v1: the website's id

SELECT *
FROM (
    SELECT toUnixTimestamp64Milli(occurred_at) AS at, toUInt8(0) AS rank, seq AS tie,
        toString(type) AS kind_, session_id AS session, toString(name) AS label,
        if(path = '', '', concat(hostname, path)) AS url, toString(title) AS title_, link AS link_,
        toString(address) AS wallet, properties AS properties_, is_server_side AS is_server,
        '' AS paid, toUInt8(1) AS is_known,
        toDecimal64(0, 4) AS own, toDecimal64(0, 4) AS original, '' AS currency
    FROM events
    WHERE website_id = {v4:UInt32} AND visitor_id = {v0:UInt64} AND type != 'engagement' AND NOT (type = 'track' AND name IN ('free_trial', 'payment')) AND (is_server_side = 1 OR bot = '') AND occurred_at <= fromUnixTimestamp64Milli({v1:Int64}) AND (toUnixTimestamp64Milli(occurred_at), 0, seq) < ({v1:Int64}, {v2:UInt8}, {v3:UInt64})
    UNION ALL
    SELECT toUnixTimestamp64Milli(report_at), toUInt8(1), sipHash64(movement_id), 'payment', session_id, '', '', '',
        '', '', '', toUInt8(1), toString(kind), is_converted, amount, original_amount,
        toString(original_currency)
    FROM payments FINAL
    WHERE website_id = {v4:UInt32} AND visitor_id = {v0:UInt64} AND report_at <= fromUnixTimestamp64Milli({v1:Int64}) AND (toUnixTimestamp64Milli(report_at), 1, sipHash64(movement_id)) < ({v1:Int64}, {v2:UInt8}, {v3:UInt64})
)
ORDER BY at DESC, rank DESC, tie DESC
LIMIT {v5:UInt64}
;
-- with
--   v0: the visitor's id
--   v1: 1795348800000
--   v2: 0
--   v3: 0
--   v4: the website's id
--   v5: 100
