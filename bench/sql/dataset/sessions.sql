-- The sessions of the events placed in {from_ms} ≤ t < {to_ms}, as loading would have joined them.
INSERT INTO sessions (* EXCEPT (walk_at, walk_type, walk_label, is_walked, walk_ends_at, walk_prev_at))
WITH (occurred_at, seq) AS place, type = 'page' AS is_page, type = 'outbound' AS is_link
SELECT
    website_id, report_at, session_id, any(visitor_id), 1, 0, any(bot),
    max(occurred_at), countIf(is_page), countIf(type != 'engagement'), sum(engaged_ms),
    argMinIf(path, place, is_page), argMaxIf(path, place, is_page), maxIf(occurred_at, is_page),
    argMaxIf(link, place, is_link), maxIf(occurred_at, is_link),
    any(hostname), any(referrer), any(channel), any(utm_source), any(utm_medium), any(utm_campaign),
    any(utm_term), any(utm_content), any(ref), any(source), any(via), any(click_id), any(country),
    any(region), any(region_code), any(city), any(device), any(browser), any(browser_version),
    any(os), any(os_version), any(language), any(screen), any(referrer_url), any(timezone),
    any(sdk_version), 0, []
FROM events
WHERE website_id = {website:UInt32}
    AND report_at >= fromUnixTimestamp64Milli({from_ms:Int64})
    AND report_at < fromUnixTimestamp64Milli({to_ms:Int64})
GROUP BY website_id, report_at, session_id
