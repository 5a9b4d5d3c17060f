-- Paths of four transitions from any page, the most travelled first: step, source, target, sessions,
-- their share of the step, and how many rows there are.
WITH ordered AS (
    SELECT
        session_id,
        arraySort(groupArray((
            occurred_at, seq, if(type = 'page', toString(path), toString(name)),
            type = 'page' AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64})
        ))) AS events
    FROM events
    WHERE website_id = {website:UInt32} AND bot = '' AND session_id != 0 AND type IN ('page', 'track')
        AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64} + {window_ms:Int64})
        /*and event*/
    GROUP BY session_id
),
paths AS (
    SELECT
        arrayFirstIndex(event -> event.4, events) AS start,
        arrayFilter(
            event -> event.1 <= events[start].1 + toIntervalMillisecond({window_ms:Int64}),
            arraySlice(events, start, 5)
        ).3 AS nodes
    FROM ordered
    WHERE start > 0
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
