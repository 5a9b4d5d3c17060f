-- GET /visitors/7c9e6679-7425-40de-944b-e07fc1f90ae7/export

SELECT 1 FROM visits WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64} LIMIT 1
UNION ALL
SELECT 1 FROM payments FINAL WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64} LIMIT 1
;
-- with
--   v0: the visitor's id
--   v1: the website's id

SELECT toUnixTimestamp64Milli(started_at), session_id, toUnixTimestamp64Milli(last_event_at),
    bot, pageviews, counted_events, engaged_ms, entry_page, exit_page, exit_link, [toString(hostname), toString(referrer), toString(channel), toString(utm_source), toString(utm_medium), toString(utm_campaign), toString(utm_term), toString(utm_content), toString(ref), toString(source), toString(via), toString(click_id), toString(country), toString(region), toString(region_code), toString(city), toString(device), toString(browser), toString(browser_version), toString(os), toString(os_version), toString(language), toString(screen), toString(referrer_url), toString(timezone), toString(sdk_version)]
FROM sessions FINAL
WHERE website_id = {v1:UInt32} AND (started_at, session_id) IN (SELECT started_at, session_id FROM visits WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64}) AND visitor_id = {v0:UInt64}
ORDER BY started_at, session_id
LIMIT {v2:UInt64}
;
-- with
--   v0: the visitor's id
--   v1: the website's id
--   v2: 1000

SELECT toUnixTimestamp64Milli(report_at), session_id, toUnixTimestamp64Milli(occurred_at), seq,
    type, name, path, title, link, properties, engaged_ms, address, is_server_side, bot, if(session_id = 0, [toString(hostname), toString(referrer), toString(channel), toString(utm_source), toString(utm_medium), toString(utm_campaign), toString(utm_term), toString(utm_content), toString(ref), toString(source), toString(via), toString(click_id), toString(country), toString(region), toString(region_code), toString(city), toString(device), toString(browser), toString(browser_version), toString(os), toString(os_version), toString(language), toString(screen), toString(referrer_url), toString(timezone), toString(sdk_version)], emptyArrayString())
FROM events
WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64}
ORDER BY website_id, events.report_at, session_id, events.occurred_at, seq
LIMIT {v2:UInt64}
;
-- with
--   v0: the visitor's id
--   v1: the website's id
--   v2: 1000

SELECT movement_id, toString(kind), toUnixTimestamp64Milli(report_at), amount, original_amount,
    original_currency, rate, is_converted, is_rate_estimated
FROM payments FINAL
WHERE website_id = {v1:UInt32} AND visitor_id = {v0:UInt64}
ORDER BY payments.report_at, movement_id
;
-- with
--   v0: the visitor's id
--   v1: the website's id
