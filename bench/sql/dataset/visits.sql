INSERT INTO visits (website_id, visitor_id, started_at, session_id)
SELECT website_id, visitor_id, started_at, session_id
FROM sessions FINAL
WHERE website_id = {website:UInt32}
