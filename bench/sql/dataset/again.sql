-- A tenth of the newest sessions once more, as later batches write them: FINAL has something to do.
INSERT INTO sessions
SELECT * REPLACE (version + 1 AS version)
FROM sessions
WHERE website_id = {website:UInt32} AND session_id % 10 = 1
    AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64})
    AND started_at < fromUnixTimestamp64Milli({to_ms:Int64})
