-- GET /visitors
--   startAt=2026-11-01
--   endAt=2026-11-30
--   steps=[{"type":"event","event":"page"},{"type":"event","event":"page","resolved_event":"/pricing"},{"type":"track","event":"signup"}]
--   funnel_step=2
--   dropped=true

SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM (
WITH
members AS (SELECT DISTINCT visitor AS visitor_id FROM (WITH
matching_events AS (
    SELECT
        if(visitor_id != 0, visitor_id, sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))) AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16(1 * (type = {v0:String}) + 2 * (type = {v0:String} AND path = {v1:String}) + 4 * (type = {v2:String} AND name = {v3:String})) AS steps,
        '' AS value,
        visitor_id
    FROM events
    WHERE website_id = {v5:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v6:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND type IN {v4:Array(String)} AND (visitor_id != 0 OR address != '') AND steps != 0
),
ordered_events AS (
    SELECT any(visitor_id) AS visitor, arraySort(arrayZip(groupArray(at), groupArray(seq), groupArray(steps))) AS events
    FROM matching_events
    GROUP BY who
),
chains AS (
    SELECT
        visitor, arrayReverseFill(chain -> notEmpty(chain), arrayMap(event -> if(bitTest(event.3, 2), [tuple(event.1)], []), events)) AS chain_3,
        arrayReverseFill(chain -> notEmpty(chain), arrayMap((event, rest) -> if(bitTest(event.3, 1), arrayPushFront(rest, tuple(event.1)), []), events, arrayShiftLeft(chain_3, 1))) AS chain_2,
        arrayMap((event, rest) -> if(bitTest(event.3, 0), arrayPushFront(rest, tuple(event.1)), []), events, arrayShiftLeft(chain_2, 1)) AS chain_1
    FROM ordered_events
),
started_chains AS (
    SELECT
        visitor, arrayFilter(chain -> notEmpty(chain) AND chain[1].1 < {v8:Int64}, chain_1) AS started,
        arrayMap(chain -> chain[1].1, started) AS starts,
        arrayMap(
            (chain, start) -> arrayFilter(event -> event.1 <= start + {v9:Int64}, chain),
            started, starts
        ) AS reached
    FROM chains
),
furthest_chains AS (
    SELECT
        visitor, arrayMap(chain -> length(chain), reached) AS levels,
        reached[indexOf(levels, arrayMax(levels))] AS chain
    FROM started_chains
    WHERE notEmpty(reached)
)
SELECT visitor FROM furthest_chains WHERE length(chain) = {v10:UInt64}) WHERE visitor != 0),
visits AS (
    SELECT visitor_id, count() AS sessions, max(toUnixTimestamp64Milli(last_event_at)) AS key
    FROM sessions FINAL
    WHERE website_id = {v5:UInt32} AND bot = '' AND counted_events > 0 AND visitor_id IN (SELECT visitor_id FROM members)
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM members
LEFT JOIN visits USING (visitor_id)
)
    
)

ORDER BY key DESC, visitor_id
LIMIT {v11:UInt64}
;
-- with
--   v0: "page"
--   v1: "/pricing"
--   v2: "track"
--   v3: "signup"
--   v4: ["page","track"]
--   v5: the website's id
--   v6: 1793491200000
--   v7: 1797292800000
--   v8: 1796083200000
--   v9: 1209600000
--   v10: 2
--   v11: 101

SELECT countIf(visitor = 0) FROM (WITH
matching_events AS (
    SELECT
        if(visitor_id != 0, visitor_id, sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))) AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16(1 * (type = {v0:String}) + 2 * (type = {v0:String} AND path = {v1:String}) + 4 * (type = {v2:String} AND name = {v3:String})) AS steps,
        '' AS value,
        visitor_id
    FROM events
    WHERE website_id = {v5:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v6:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND type IN {v4:Array(String)} AND (visitor_id != 0 OR address != '') AND steps != 0
),
ordered_events AS (
    SELECT any(visitor_id) AS visitor, arraySort(arrayZip(groupArray(at), groupArray(seq), groupArray(steps))) AS events
    FROM matching_events
    GROUP BY who
),
chains AS (
    SELECT
        visitor, arrayReverseFill(chain -> notEmpty(chain), arrayMap(event -> if(bitTest(event.3, 2), [tuple(event.1)], []), events)) AS chain_3,
        arrayReverseFill(chain -> notEmpty(chain), arrayMap((event, rest) -> if(bitTest(event.3, 1), arrayPushFront(rest, tuple(event.1)), []), events, arrayShiftLeft(chain_3, 1))) AS chain_2,
        arrayMap((event, rest) -> if(bitTest(event.3, 0), arrayPushFront(rest, tuple(event.1)), []), events, arrayShiftLeft(chain_2, 1)) AS chain_1
    FROM ordered_events
),
started_chains AS (
    SELECT
        visitor, arrayFilter(chain -> notEmpty(chain) AND chain[1].1 < {v8:Int64}, chain_1) AS started,
        arrayMap(chain -> chain[1].1, started) AS starts,
        arrayMap(
            (chain, start) -> arrayFilter(event -> event.1 <= start + {v9:Int64}, chain),
            started, starts
        ) AS reached
    FROM chains
),
furthest_chains AS (
    SELECT
        visitor, arrayMap(chain -> length(chain), reached) AS levels,
        reached[indexOf(levels, arrayMax(levels))] AS chain
    FROM started_chains
    WHERE notEmpty(reached)
)
SELECT visitor FROM furthest_chains WHERE length(chain) = {v10:UInt64})
;
-- with
--   v0: "page"
--   v1: "/pricing"
--   v2: "track"
--   v3: "signup"
--   v4: ["page","track"]
--   v5: the website's id
--   v6: 1793491200000
--   v7: 1797292800000
--   v8: 1796083200000
--   v9: 1209600000
--   v10: 2
