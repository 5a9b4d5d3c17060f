-- One session in 200 pays at its end; a tenth of the payments renew, a twentieth are refunds.
INSERT INTO payments
WITH cityHash64(session_id, 'kind') % 20 AS chance, toDecimal64(5 + cityHash64(session_id, 'amount') % 200, 4) AS price
SELECT
    website_id, last_event_at, concat('tx_', hex(session_id)), 1, 0,
    multiIf(chance < 17, 'new', chance < 19, 'renewal', 'refund'),
    visitor_id, session_id, started_at, 1, price, price, 'USD', 1, 0, entry_page, exit_page, exit_link,
    hostname, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content, ref,
    source, via, click_id, country, region, region_code, city, device, browser, browser_version,
    os, os_version, language, screen, referrer_url, timezone, sdk_version
FROM sessions FINAL
WHERE website_id = {website:UInt32} AND bot = '' AND cityHash64(session_id, 'pays') % 200 = 0
