-- GET /flow
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page"}
--   anchors=[{"type":"event","event":"page","resolved_event":"/pricing"}]
--   end_step={"type":"track","event":"signup"}
--   end_mode=mark
--   drop_off=true

WITH
unwalked_sessions AS (
    SELECT started_at, session_id
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
),
start_sessions AS (SELECT session_id FROM ordered_events WHERE has(is_start, true)),
ordered_events AS (
    SELECT
        session_id,
        arrayMap(after -> toUnixTimestamp64Milli(started_at) + after, walk_at) AS at,
        walk_label AS label,
        arrayMap((at, type) -> toBool((type = {v1:String}) AND fromUnixTimestamp64Milli(at) >= fromUnixTimestamp64Milli({v4:Int64}) AND fromUnixTimestamp64Milli(at) < fromUnixTimestamp64Milli({v5:Int64})), at, walk_type) AS is_start,
        arrayMap((type, label) -> toBool((type = {v2:String} AND label = {v3:String})), walk_type, walk_label) AS is_end,
        arrayMap((type, label) -> toBool((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR (type = {v2:String} AND label = {v3:String})), walk_type, walk_label) AS is_kept,
        arrayMap((type, label) -> toUInt16(1 * (type = {v1:String} AND label = {v6:String})), walk_type, walk_label) AS anchors
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND started_at < fromUnixTimestamp64Milli({v7:Int64}) AND walk_ends_at >= fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
    UNION ALL
    SELECT
        session_id,
        events.1 AS at,
        events.3 AS label,
        events.4 AS is_start,
        events.5 AS is_end,
        events.6 AS is_kept, events.7 AS anchors
    FROM (
        WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR (type = {v2:String} AND name = {v3:String})) AS is_kept, toUInt16(1 * (type = {v1:String} AND path = {v6:String})) AS anchors
        SELECT
            session_id,
            arraySort(groupArray((
                toUnixTimestamp64Milli(occurred_at),
                seq,
                multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
                toBool((type = {v1:String}) AND occurred_at >= fromUnixTimestamp64Milli({v4:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v5:Int64})),
                toBool((type = {v2:String} AND name = {v3:String})),
                toBool(is_kept), anchors
            ))) AS events
        FROM (
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v4:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 0 AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM unwalked_sessions))
        UNION ALL
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v4:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 1 AND report_at >= fromUnixTimestamp64Milli({v4:Int64}) AND report_at < fromUnixTimestamp64Milli({v7:Int64}) AND ((SELECT count() FROM doubts) > 0 OR session_id IN (SELECT session_id FROM unwalked_sessions))
    )
        WHERE (is_kept OR (type = {v1:String}) OR anchors != 0)
        GROUP BY session_id
    )
),
windows AS (
    SELECT
        (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v8:Int64}), label, at, is_kept, arrayEnumerate(at)
        )) AS path,
        (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v8:Int64}), is_end, at, is_kept, arrayEnumerate(at)
        )) AS path_ends,
        (arrayFilter(
            (value, at, is_kept, i) -> i > start AND at <= began + {v8:Int64}, is_end, at, is_kept, arrayEnumerate(at)
        )) AS following_ends,
        (arrayFilter(
            (value, at, is_kept, i) -> i > start AND at <= began + {v8:Int64}, anchors, at, is_kept, arrayEnumerate(at)
        )) AS following_anchors
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
),
paths AS (
    SELECT
        arrayFirstIndex((is_end, i) -> is_end AND i > 1, path_ends, arrayEnumerate(path_ends)) AS last,
        if(last > 0, arrayPushBack(
            arraySlice(path, 1, last - 1), concat(path[last], '__END_MATCH__')
        ), arrayPushBack(path, '')) AS labels
    FROM windows
    WHERE arrayFold(
        (passed, bits) -> toUInt8(passed + bitTest(bits, passed)), arraySlice(following_anchors, 1, if(toInt64(arrayFirstIndex(is_end -> is_end, following_ends)) = 0, toInt64(length(following_ends)), toInt64(arrayFirstIndex(is_end -> is_end, following_ends)) - 1)), toUInt8(0)
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
--   v0: the website's id
--   v1: "page"
--   v2: "track"
--   v3: "signup"
--   v4: 1793491200000
--   v5: 1796083200000
--   v6: "/pricing"
--   v7: 1797292800000
--   v8: 1209600000
--   v9: 10000
--   v10: 0
