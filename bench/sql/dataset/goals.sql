-- The goal that a new payment completes: a server-side row at the payment's time.
INSERT INTO events
SELECT
    website_id, report_at, session_id, visitor_id, report_at,
    {first_seq:UInt64} + rowNumberInAllBlocks(), 'track', 'payment', '', '', '', '', 0, '', 1, '',
    hostname, referrer, channel, utm_source, utm_medium, utm_campaign, utm_term, utm_content, ref,
    source, via, click_id, country, region, region_code, city, device, browser, browser_version,
    os, os_version, language, screen, referrer_url, timezone, sdk_version
FROM payments FINAL
WHERE website_id = {website:UInt32} AND kind = 'new'
