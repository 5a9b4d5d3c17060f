-- GET /flow
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page"}
--   nodes_per_step=5
--   revenue=true

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
paid_sessions AS (
    SELECT session_id, sum(amount) AS paid, countIf(is_converted = 0 AND kind != 'refund') AS unconverted
    FROM payments FINAL
    WHERE website_id = {v1:UInt32} AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v3:Int64}) AND session_id != 0 AND kind != 'refund'
    GROUP BY session_id
),
transitions AS (
    SELECT step, near, far, count() AS transitions, sum(paid) AS revenue
    FROM edges
    LEFT JOIN paid_sessions USING (session_id)
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
    SELECT step, near_ AS near, far_ AS far, sum(transitions_) AS transitions, sum(revenue_) AS revenue
    FROM (
        SELECT
            step,
            if(near_rank > {v6:UInt64}, 'Others', near) AS near_,
            if(far_rank > {v6:UInt64} AND NOT (far = '' OR endsWith(far, '__END_MATCH__')), 'Others', far) AS far_,
            transitions AS transitions_,
            revenue AS revenue_
        FROM ranked_nodes
    )
    GROUP BY step, near_, far_
)
SELECT
    step,
    near AS source,
    if(far = '', '__DROP_OFF__', far) AS target,
    transitions,
    sum(transitions) OVER (PARTITION BY step) AS base,
    count() OVER () AS total,
    revenue
FROM grouped_transitions
WHERE far != ''
ORDER BY step, transitions DESC, source, target
LIMIT {v7:UInt64} OFFSET {v8:UInt64}
;
-- with
--   v0: "page"
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 5
--   v7: 10000
--   v8: 0

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
paid_sessions AS (
    SELECT session_id, sum(amount) AS paid, countIf(is_converted = 0 AND kind != 'refund') AS unconverted
    FROM payments FINAL
    WHERE website_id = {v1:UInt32} AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v3:Int64}) AND session_id != 0 AND kind != 'refund'
    GROUP BY session_id
)
SELECT
    (SELECT uniqExact(session_id) FROM start_sessions),
    count(),
    countIf(false),
    countIf(false),
    sum(paid),
    sumIf(paid, false),
    sumIf(paid, false),
    sum(unconverted)
FROM paths
LEFT JOIN paid_sessions USING (session_id)
;
-- with
--   v0: "page"
--   v1: the website's id
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
