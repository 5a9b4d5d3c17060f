-- GET /v0/flow
--   date_from=2026-11-01
--   date_to=2026-11-30
--   start_step={"type":"event","event":"page"}

WITH
start_sessions AS (SELECT session_id FROM events WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND session_id != 0 AND (type = {v0:String})),
ordered_events AS (
    WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR false) AS is_kept
    SELECT
        session_id,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at),
            seq,
            multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
            toBool((type = {v0:String}) AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64})),
            toBool(false),
            toBool(is_kept)
        ))) AS events
    FROM events
    WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND (is_kept OR (type = {v0:String}))
    GROUP BY session_id
),
windows AS (
    SELECT
        arrayFirstIndex(event -> event.4, events) AS start,
        arraySlice(events, start) AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND event.1 <= events[start].1 + {v5:Int64}), found, arrayEnumerate(found)
        ) AS path
    FROM ordered_events
    WHERE start > 0
),
paths AS (SELECT arrayMap(event -> event.3, path) AS labels FROM windows),
cut_paths AS (SELECT arraySlice(labels, 1, 5) AS nodes FROM paths),
edges AS (
    SELECT arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
),
transitions AS (
    SELECT step, near, far, count() AS transitions
    FROM edges
    GROUP BY step, near, far
)
SELECT
    step,
    near AS source,
    if(far = '', '__DROP_OFF__', far) AS target,
    transitions,
    sum(transitions) OVER (PARTITION BY step) AS base,
    count() OVER () AS total
FROM transitions
WHERE far != ''
ORDER BY step, transitions DESC, source, target
LIMIT {v6:UInt64} OFFSET {v7:UInt64}
;
-- with
--   v0: "page"
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 10000
--   v7: 0
