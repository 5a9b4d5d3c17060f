-- GET /funnel
--   startAt=2026-11-01
--   endAt=2026-11-30
--   steps=[{"type":"event","event":"page"},{"type":"event","event":"page","resolved_event":"/pricing"},{"type":"track","event":"signup"}]
--   funnel_type=open

WITH
matching_events AS (
    SELECT
        if(visitor_id != 0, visitor_id, sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))) AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16(1 * (type = {v1:String}) + 2 * (type = {v1:String} AND path = {v2:String}) + 4 * (type = {v3:String} AND name = {v4:String})) AS steps,
        '' AS value
    FROM events
    WHERE website_id = {v6:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v7:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v8:Int64}) AND bot = '' AND type IN {v5:Array(String)} AND (visitor_id != 0 OR address != '') AND steps != 0
),
people AS (
    SELECT
        groupBitOr(steps) AS found,
        arrayFirstIndex(k -> NOT bitTest(found, k), range(4)) - 1 AS level,
        [''] AS values
    FROM matching_events
    GROUP BY who
),
steps_of_values AS (
    SELECT
        values[1] AS value,
        arrayJoin(range(1, level + 1)) AS step,
        count() AS users
    FROM people
    WHERE level > 0
    GROUP BY value, step
),
sized_values AS (
    SELECT *, max(users) OVER (PARTITION BY value) AS size
    FROM steps_of_values
),
ranked_values AS (
    SELECT *, dense_rank() OVER (ORDER BY size DESC, value) AS place
    FROM sized_values
)
SELECT
    least(place, {v0:UInt64} + 1) AS rank,
    if(place <= {v0:UInt64}, value, '') AS shown,
    step,
    sum(users),
    NULL, NULL
FROM ranked_values
GROUP BY rank, shown, step
ORDER BY rank, step
;
-- with
--   v0: 5
--   v1: "page"
--   v2: "/pricing"
--   v3: "track"
--   v4: "signup"
--   v5: ["page","track"]
--   v6: the website's id
--   v7: 1793491200000
--   v8: 1796083200000
