-- GET /flow
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page"}
--   anchors=[{"type":"event","event":"page","resolved_event":"/pricing"}]
--   end_step={"type":"track","event":"signup"}
--   end_mode=mark
--   drop_off=true

WITH
start_sessions AS (SELECT session_id FROM events WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND session_id != 0 AND (type = {v0:String})),
ordered_events AS (
    WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR (type = {v4:String} AND name = {v5:String})) AS is_kept, toUInt16(1 * (type = {v0:String} AND path = {v6:String})) AS anchors
    SELECT
        session_id,
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at),
            seq,
            multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
            toBool((type = {v0:String}) AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64})),
            toBool((type = {v4:String} AND name = {v5:String})),
            toBool(is_kept), anchors
        ))) AS events
    FROM events
    WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND session_id != 0 AND (is_kept OR (type = {v0:String}) OR anchors != 0) AND session_id IN (SELECT session_id FROM events WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND session_id != 0 AND (type = {v0:String} AND path = {v6:String}))
    GROUP BY session_id
),
windows AS (
    SELECT
        arrayFirstIndex(event -> event.4, events) AS start,
        arraySlice(events, start) AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND event.1 <= events[start].1 + {v8:Int64}), found, arrayEnumerate(found)
        ) AS path,
        arrayFilter(event -> event.1 <= events[start].1 + {v8:Int64}, arraySlice(found, 2)) AS following
    FROM ordered_events
    WHERE start > 0
),
paths AS (
    SELECT
        arrayFirstIndex((event, i) -> event.5 AND i > 1, path, arrayEnumerate(path)) AS last,
        if(last > 0, arrayPushBack(
            arrayMap(event -> event.3, arraySlice(path, 1, last - 1)),
            concat(path[last].3, '__END_MATCH__')
        ), arrayPushBack(arrayMap(event -> event.3, path), '')) AS labels
    FROM windows
    WHERE arrayFold(
        (passed, event) -> toUInt8(passed + bitTest(event.7, passed)), arraySlice(following, 1, if(toInt64(arrayFirstIndex(event -> event.5, following)) = 0, toInt64(length(following)), toInt64(arrayFirstIndex(event -> event.5, following)) - 1)), toUInt8(0)
    ) = 1
),
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

ORDER BY step, transitions DESC, source, target
LIMIT {v9:UInt64} OFFSET {v10:UInt64}
;
-- with
--   v0: "page"
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: "track"
--   v5: "signup"
--   v6: "/pricing"
--   v7: 1797292800000
--   v8: 1209600000
--   v9: 10000
--   v10: 0
