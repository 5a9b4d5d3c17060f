-- Paths from one page to a goal: as in flow.sql, of those alone who complete it.
WITH ordered AS (
    SELECT
        session_id,
        arraySort(groupArray((
            occurred_at, seq, if(type = 'page', toString(path), toString(name)),
            type = 'page' AND path = {page:String} AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64}),
            type = 'track' AND name = {goal:String}
        ))) AS events
    FROM events
    WHERE website_id = {website:UInt32} AND bot = '' AND type IN ('page', 'track')
        AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64} + {window_ms:Int64})
        AND session_id IN (
            SELECT session_id FROM events
            WHERE website_id = {website:UInt32} AND bot = '' AND type = 'page' AND path = {page:String}
                AND session_id != 0
                AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64})
        )
        AND session_id IN (
            SELECT session_id FROM events
            WHERE website_id = {website:UInt32} AND bot = '' AND type = 'track' AND name = {goal:String}
                AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64})
                AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64} + {window_ms:Int64})
        )
    GROUP BY session_id
),
paths AS (
    SELECT
        arraySlice(events, arrayFirstIndex(event -> event.4, events)) AS found,
        arrayFilter(
            event -> event.1 <= found[1].1 + toIntervalMillisecond({window_ms:Int64}), found
        ) AS path,
        arrayFirstIndex(event -> event.5, path) AS last,
        arraySlice(
            arrayPushBack(arraySlice(path, 1, last - 1).3, concat(path[last].3, '__END_MATCH__')), 1, 5
        ) AS nodes
    FROM ordered
    WHERE last > 0
),
steps AS (
    SELECT arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS source, nodes[step + 1] AS target
    FROM paths
)
SELECT
    step, source, target, count() AS transitions,
    100 * transitions / sum(transitions) OVER (PARTITION BY step), count() OVER ()
FROM steps
GROUP BY step, source, target
ORDER BY step, transitions DESC, source, target
LIMIT 10000
