-- GET /visitors
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page"}
--   nodes_per_step=3
--   sort=goals
--   flow_step=1
--   flow_target=Others

SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM (
WITH
visits AS (
    SELECT visitor_id, count() AS sessions
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND session_id IN (WITH
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
        arrayMap((at, type) -> toBool((type = {v1:String}) AND fromUnixTimestamp64Milli(at) >= fromUnixTimestamp64Milli({v2:Int64}) AND fromUnixTimestamp64Milli(at) < fromUnixTimestamp64Milli({v3:Int64})), at, walk_type) AS is_start,
        arrayMap((type) -> toBool(false), walk_type) AS is_end,
        arrayMap((type) -> toBool((type NOT IN ('detect', 'engagement', 'identify', 'outbound'))), walk_type) AS is_kept
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND started_at < fromUnixTimestamp64Milli({v4:Int64}) AND walk_ends_at >= fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
    UNION ALL
    SELECT
        session_id,
        events.1 AS at,
        events.3 AS label,
        events.4 AS is_start,
        events.5 AS is_end,
        events.6 AS is_kept
    FROM (
        WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR false) AS is_kept
        SELECT
            session_id,
            arraySort(groupArray((
                toUnixTimestamp64Milli(occurred_at),
                seq,
                multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
                toBool((type = {v1:String}) AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64})),
                toBool(false),
                toBool(is_kept)
            ))) AS events
        FROM (
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 0 AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM unwalked_sessions))
        UNION ALL
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 1 AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND ((SELECT count() FROM doubts) > 0 OR session_id IN (SELECT session_id FROM unwalked_sessions))
    )
        WHERE (is_kept OR (type = {v1:String}))
        GROUP BY session_id
    )
),
windows AS (
    SELECT
        session_id, (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v5:Int64}), label, at, is_kept, arrayEnumerate(at)
        )) AS path
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
),
paths AS (SELECT session_id, arrayPushBack(path, '') AS labels FROM windows),
cut_paths AS (SELECT session_id, arraySlice(labels, 1, 5) AS nodes FROM paths),
kept_nodes AS (
    SELECT place, node, count() AS size
    FROM (SELECT nodes, arrayEnumerate(nodes) AS places FROM cut_paths)
    ARRAY JOIN places AS place, nodes AS node
    WHERE NOT (node = '' OR endsWith(node, '__END_MATCH__'))
    GROUP BY place, node
    ORDER BY place, size DESC, node
    LIMIT {v6:UInt64} BY place
),
named_paths AS (
    SELECT session_id, arrayMap(
        (place, node) -> if(node = '' OR endsWith(node, '__END_MATCH__') OR (place, node) IN (SELECT place, node FROM kept_nodes), node, 'Others'),
        arrayEnumerate(cut_paths.nodes), cut_paths.nodes
    ) AS nodes
    FROM cut_paths
),
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM named_paths
)
SELECT session_id FROM edges WHERE step = {v7:UInt64} AND far != '' AND far = {v8:String})
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM visits

LEFT JOIN (SELECT visitor_id, toInt64(count()) AS key FROM events WHERE website_id = {v0:UInt32} AND session_id IN (WITH
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
        arrayMap((at, type) -> toBool((type = {v1:String}) AND fromUnixTimestamp64Milli(at) >= fromUnixTimestamp64Milli({v2:Int64}) AND fromUnixTimestamp64Milli(at) < fromUnixTimestamp64Milli({v3:Int64})), at, walk_type) AS is_start,
        arrayMap((type) -> toBool(false), walk_type) AS is_end,
        arrayMap((type) -> toBool((type NOT IN ('detect', 'engagement', 'identify', 'outbound'))), walk_type) AS is_kept
    FROM sessions FINAL
    WHERE website_id = {v0:UInt32} AND started_at < fromUnixTimestamp64Milli({v4:Int64}) AND walk_ends_at >= fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
    UNION ALL
    SELECT
        session_id,
        events.1 AS at,
        events.3 AS label,
        events.4 AS is_start,
        events.5 AS is_end,
        events.6 AS is_kept
    FROM (
        WITH ((type NOT IN ('detect', 'engagement', 'identify', 'outbound')) OR false) AS is_kept
        SELECT
            session_id,
            arraySort(groupArray((
                toUnixTimestamp64Milli(occurred_at),
                seq,
                multiIf(type = 'page', toString(path), type IN ('track', 'decoded_log'), toString(name), type IN ('signature', 'transaction') AND if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) != '', concat(toString(type), ':', if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status'))), toString(type)),
                toBool((type = {v1:String}) AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v3:Int64})),
                toBool(false),
                toBool(is_kept)
            ))) AS events
        FROM (
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 0 AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM unwalked_sessions))
        UNION ALL
        SELECT * FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v2:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 1 AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v4:Int64}) AND ((SELECT count() FROM doubts) > 0 OR session_id IN (SELECT session_id FROM unwalked_sessions))
    )
        WHERE (is_kept OR (type = {v1:String}))
        GROUP BY session_id
    )
),
windows AS (
    SELECT
        session_id, (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v5:Int64}), label, at, is_kept, arrayEnumerate(at)
        )) AS path
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
),
paths AS (SELECT session_id, arrayPushBack(path, '') AS labels FROM windows),
cut_paths AS (SELECT session_id, arraySlice(labels, 1, 5) AS nodes FROM paths),
kept_nodes AS (
    SELECT place, node, count() AS size
    FROM (SELECT nodes, arrayEnumerate(nodes) AS places FROM cut_paths)
    ARRAY JOIN places AS place, nodes AS node
    WHERE NOT (node = '' OR endsWith(node, '__END_MATCH__'))
    GROUP BY place, node
    ORDER BY place, size DESC, node
    LIMIT {v6:UInt64} BY place
),
named_paths AS (
    SELECT session_id, arrayMap(
        (place, node) -> if(node = '' OR endsWith(node, '__END_MATCH__') OR (place, node) IN (SELECT place, node FROM kept_nodes), node, 'Others'),
        arrayEnumerate(cut_paths.nodes), cut_paths.nodes
    ) AS nodes
    FROM cut_paths
),
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM named_paths
)
SELECT session_id FROM edges WHERE step = {v7:UInt64} AND far != '' AND far = {v8:String}) AND type = 'track' AND visitor_id != 0 GROUP BY visitor_id) AS others USING (visitor_id)
)
    
)

ORDER BY key DESC, visitor_id
LIMIT {v9:UInt64}
;
-- with
--   v0: the website's id
--   v1: "page"
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 3
--   v7: 1
--   v8: "Others"
--   v9: 101
