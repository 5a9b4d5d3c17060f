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
    WHERE website_id = {v1:UInt32} AND session_id IN (WITH
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
        session_id, arrayFirstIndex(event -> event.4, events) AS start,
        arraySlice(events, start) AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND event.1 <= events[start].1 + {v5:Int64}), found, arrayEnumerate(found)
        ) AS path
    FROM ordered_events
    WHERE start > 0
),
paths AS (SELECT session_id, arrayPushBack(arrayMap(event -> event.3, path), '') AS labels FROM windows),
cut_paths AS (SELECT session_id, arraySlice(labels, 1, 5) AS nodes FROM paths),
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
),
transitions AS (
    SELECT step, near, far, count() AS transitions
    FROM edges
    GROUP BY step, near, far
),
sized_nodes AS (
    SELECT
        *,
        sum(transitions) OVER (PARTITION BY step, near) AS near_size,
        sum(transitions) OVER (PARTITION BY step, far) AS far_size
    FROM transitions
),
ranked_nodes AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY step ORDER BY near_size DESC, near) AS near_rank,
        dense_rank() OVER (PARTITION BY step, far = '' OR endsWith(far, '__END_MATCH__') ORDER BY far_size DESC, far) AS far_rank
    FROM sized_nodes
),
grouped_transitions AS (
    SELECT step, near_ AS near, far_ AS far, sum(transitions_) AS transitions
    FROM (
        SELECT
            step,
            if(near_rank > {v6:UInt64}, 'Others', near) AS near_,
            if(far_rank > {v6:UInt64} AND NOT (far = '' OR endsWith(far, '__END_MATCH__')), 'Others', far) AS far_,
            transitions AS transitions_
        FROM ranked_nodes
    )
    GROUP BY step, near_, far_
)
SELECT session_id
FROM edges
WHERE step = {v7:UInt64} AND (near, far) IN (
    SELECT near, far FROM ranked_nodes WHERE step = {v7:UInt64} AND far != '' AND if(far_rank > {v6:UInt64} AND NOT (far = '' OR endsWith(far, '__END_MATCH__')), 'Others', far) = {v8:String}
))
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM visits

LEFT JOIN (SELECT visitor_id, toInt64(count()) AS key FROM events WHERE website_id = {v1:UInt32} AND session_id IN (WITH
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
        session_id, arrayFirstIndex(event -> event.4, events) AS start,
        arraySlice(events, start) AS found,
        arrayFilter(
            (event, i) -> i = 1 OR (event.6 AND event.1 <= events[start].1 + {v5:Int64}), found, arrayEnumerate(found)
        ) AS path
    FROM ordered_events
    WHERE start > 0
),
paths AS (SELECT session_id, arrayPushBack(arrayMap(event -> event.3, path), '') AS labels FROM windows),
cut_paths AS (SELECT session_id, arraySlice(labels, 1, 5) AS nodes FROM paths),
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
),
transitions AS (
    SELECT step, near, far, count() AS transitions
    FROM edges
    GROUP BY step, near, far
),
sized_nodes AS (
    SELECT
        *,
        sum(transitions) OVER (PARTITION BY step, near) AS near_size,
        sum(transitions) OVER (PARTITION BY step, far) AS far_size
    FROM transitions
),
ranked_nodes AS (
    SELECT
        *,
        dense_rank() OVER (PARTITION BY step ORDER BY near_size DESC, near) AS near_rank,
        dense_rank() OVER (PARTITION BY step, far = '' OR endsWith(far, '__END_MATCH__') ORDER BY far_size DESC, far) AS far_rank
    FROM sized_nodes
),
grouped_transitions AS (
    SELECT step, near_ AS near, far_ AS far, sum(transitions_) AS transitions
    FROM (
        SELECT
            step,
            if(near_rank > {v6:UInt64}, 'Others', near) AS near_,
            if(far_rank > {v6:UInt64} AND NOT (far = '' OR endsWith(far, '__END_MATCH__')), 'Others', far) AS far_,
            transitions AS transitions_
        FROM ranked_nodes
    )
    GROUP BY step, near_, far_
)
SELECT session_id
FROM edges
WHERE step = {v7:UInt64} AND (near, far) IN (
    SELECT near, far FROM ranked_nodes WHERE step = {v7:UInt64} AND far != '' AND if(far_rank > {v6:UInt64} AND NOT (far = '' OR endsWith(far, '__END_MATCH__')), 'Others', far) = {v8:String}
)) AND type = 'track' AND visitor_id != 0 GROUP BY visitor_id) AS others USING (visitor_id)
)
    
)

ORDER BY key DESC, visitor_id
LIMIT {v9:UInt64}
;
-- with
--   v0: "page"
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 3
--   v7: 1
--   v8: "Others"
--   v9: 101
