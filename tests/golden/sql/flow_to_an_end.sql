-- GET /flow
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page","resolved_event":"/pricing"}
--   end_step={"type":"track","event":"order","filters":[{"field":"properties.total","op":"gt","value":"100"}]}
--   window_seconds=3600
--   max_steps=4
--   collapse_repeats=true
--   exclude=/login
--   nodes_per_step=5
--   drop_off=true
--   percentage_base=source

WITH
start_sessions AS (SELECT session_id FROM events WHERE website_id = {v2:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND (type = {v0:String} AND path = {v1:String})),
ordered_events AS (
    SELECT
        session_id,
        events.1 AS at,
        events.3 AS label,
        events.4 AS is_start,
        events.5 AS is_end,
        events.6 AS is_kept
    FROM (
        WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound') AND NOT multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)) = {v11:String}) OR (type = {v5:String} AND name = {v6:String} AND (match(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String})), '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$') AND ifNull(toFloat64OrNull(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String}))) > toFloat64OrNull({v9:String}), 0)))) AS is_kept
        SELECT
            session_id,
            arraySort(groupArray((
                toUnixTimestamp64Milli(occurred_at),
                seq,
                multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
                toBool((type = {v0:String} AND path = {v1:String}) AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64})),
                toBool((type = {v5:String} AND name = {v6:String} AND (match(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String})), '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$') AND ifNull(toFloat64OrNull(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String}))) > toFloat64OrNull({v9:String}), 0)))),
                toBool(is_kept)
            ))) AS events
        FROM events
        WHERE website_id = {v2:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v10:Int64}) AND bot = '' AND session_id != 0 AND (is_kept OR (type = {v0:String} AND path = {v1:String})) AND session_id IN start_sessions AND session_id IN (SELECT session_id FROM events WHERE website_id = {v2:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v10:Int64}) AND bot = '' AND session_id != 0 AND (type = {v5:String} AND name = {v6:String} AND (match(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String})), '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$') AND ifNull(toFloat64OrNull(if(JSONType(properties, {v7:String}, {v8:String}) IN ('Object', 'Array'), '', JSONExtractString(properties, {v7:String}, {v8:String}))) > toFloat64OrNull({v9:String}), 0))))
        GROUP BY session_id
    )
),
windows AS (
    SELECT
        (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v12:Int64}), label, at, is_kept, arrayEnumerate(at)
        )) AS path,
        (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v12:Int64}), is_end, at, is_kept, arrayEnumerate(at)
        )) AS path_ends
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
),
paths AS (
    SELECT
        arrayFirstIndex((is_end, i) -> is_end AND i > 1, path_ends, arrayEnumerate(path_ends)) AS last,
        arrayPushBack(
            arraySlice(path, 1, last - 1), concat(path[last], '__END_MATCH__')
        ) AS labels
    FROM windows
    WHERE last > 0
),
cut_paths AS (SELECT arraySlice(arrayCompact(labels), 1, 5) AS nodes FROM paths),
kept_nodes AS (
    SELECT place, node, count() AS size
    FROM (SELECT nodes, arrayEnumerate(nodes) AS places FROM cut_paths)
    ARRAY JOIN places AS place, nodes AS node
    WHERE NOT (node = '' OR endsWith(node, '__END_MATCH__'))
    GROUP BY place, node
    ORDER BY place, size DESC, node
    LIMIT {v13:UInt64} BY place
),
named_paths AS (
    SELECT arrayMap(
        (place, node) -> if(node = '' OR endsWith(node, '__END_MATCH__') OR (place, node) IN (SELECT place, node FROM kept_nodes), node, 'Others'),
        arrayEnumerate(cut_paths.nodes), cut_paths.nodes
    ) AS nodes
    FROM cut_paths
),
edges AS (
    SELECT arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM named_paths
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
    sum(transitions) OVER (PARTITION BY step, near) AS base,
    count() OVER () AS total
FROM transitions

ORDER BY step, transitions DESC, source, target
LIMIT {v14:UInt64} OFFSET {v15:UInt64}
;
-- with
--   v0: "page"
--   v1: "/pricing"
--   v2: the website's id
--   v3: 1793491200000
--   v4: 1796083200000
--   v5: "track"
--   v6: "order"
--   v7: "properties"
--   v8: "total"
--   v9: "100"
--   v10: 1796086800000
--   v11: "/login"
--   v12: 3600000
--   v13: 5
--   v14: 10000
--   v15: 0
