-- GET /visitors
--   startAt=2026-11-01
--   endAt=2026-11-30
--   start_step={"type":"event","event":"page"}
--   drop_off=true
--   flow_step=1
--   flow_source=/

SELECT visitor_id, key, visitors, all_sessions
FROM (
    SELECT visitor_id, key, count() OVER () AS visitors, sum(sessions) OVER () AS all_sessions
    FROM (
WITH
visits AS (
    SELECT visitor_id, count() AS sessions, max(toUnixTimestamp64Milli(last_event_at)) AS key
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
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
)
SELECT session_id FROM edges WHERE step = {v6:UInt64} AND near = {v7:String})
    GROUP BY visitor_id
)
SELECT visitor_id, sessions, key
FROM visits

)
    
)

ORDER BY key DESC, visitor_id
LIMIT {v8:UInt64}
;
-- with
--   v0: the website's id
--   v1: "page"
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 1
--   v7: "/"
--   v8: 101

SELECT visitor_id, min(bot != ''), count(), sum(pageviews),
    toUnixTimestamp64Milli(min(started_at)), toUnixTimestamp64Milli(max(last_event_at)),
    argMaxIf(concat(hostname, exit_page), (exit_page_at, (last_event_at, started_at, session_id)), pageviews > 0),
    argMax(toString(country), (last_event_at, started_at, session_id)),
    argMax(toString(region), (last_event_at, started_at, session_id)),
    argMax(toString(city), (last_event_at, started_at, session_id)),
    argMax(toString(device), (last_event_at, started_at, session_id)),
    argMax(toString(browser), (last_event_at, started_at, session_id)),
    argMax(toString(os), (last_event_at, started_at, session_id)),
    argMax(toString(channel), (last_event_at, started_at, session_id)),
    argMax(toString(referrer), (last_event_at, started_at, session_id)),
    argMax(toString(utm_source), (last_event_at, started_at, session_id)),
    argMax(toString(source), (last_event_at, started_at, session_id)),
    argMax(toString(ref), (last_event_at, started_at, session_id)),
    argMax(toString(via), (last_event_at, started_at, session_id))
FROM sessions FINAL
WHERE website_id = {v1:UInt32} AND session_id IN (WITH
unwalked_sessions AS (
    SELECT started_at, session_id
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND NOT (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
),
start_sessions AS (SELECT session_id FROM ordered_events WHERE has(is_start, true)),
ordered_events AS (
    SELECT
        session_id,
        arrayMap(after -> toUnixTimestamp64Milli(started_at) + after, walk_at) AS at,
        walk_label AS label,
        arrayMap((at, type) -> toBool((type = {v2:String}) AND fromUnixTimestamp64Milli(at) >= fromUnixTimestamp64Milli({v3:Int64}) AND fromUnixTimestamp64Milli(at) < fromUnixTimestamp64Milli({v4:Int64})), at, walk_type) AS is_start,
        arrayMap((type) -> toBool(false), walk_type) AS is_end,
        arrayMap((type) -> toBool((type NOT IN ('detect', 'engagement', 'identify', 'outbound'))), walk_type) AS is_kept
    FROM sessions FINAL
    WHERE website_id = {v1:UInt32} AND started_at < fromUnixTimestamp64Milli({v5:Int64}) AND walk_ends_at >= fromUnixTimestamp64Milli({v3:Int64}) AND bot = '' AND (is_walked = 3 AND NOT (SELECT count() FROM doubts) > 0)
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
                toBool((type = {v2:String}) AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v4:Int64})),
                toBool(false),
                toBool(is_kept)
            ))) AS events
        FROM (
        SELECT * FROM events WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v5:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 0 AND ((SELECT count() FROM doubts) > 0 OR (report_at, session_id) IN (SELECT started_at, session_id FROM unwalked_sessions))
        UNION ALL
        SELECT * FROM events WHERE website_id = {v1:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v3:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v5:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 1 AND report_at >= fromUnixTimestamp64Milli({v3:Int64}) AND report_at < fromUnixTimestamp64Milli({v5:Int64}) AND ((SELECT count() FROM doubts) > 0 OR session_id IN (SELECT session_id FROM unwalked_sessions))
    )
        WHERE (is_kept OR (type = {v2:String}))
        GROUP BY session_id
    )
),
windows AS (
    SELECT
        session_id, (arrayFilter(
            (value, at, is_kept, i) -> i = start OR (is_kept AND i > start AND at <= began + {v6:Int64}), label, at, is_kept, arrayEnumerate(at)
        )) AS path
    FROM (
        SELECT *, arrayFirstIndex(is_first -> is_first, is_start) AS start, at[start] AS began
        FROM ordered_events
        WHERE start > 0
    )
),
paths AS (SELECT session_id, arrayPushBack(path, '') AS labels FROM windows),
cut_paths AS (SELECT session_id, arraySlice(labels, 1, 5) AS nodes FROM paths),
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
)
SELECT session_id FROM edges WHERE step = {v7:UInt64} AND near = {v8:String}) AND visitor_id IN {v0:Array(UInt64)} AND (started_at, session_id) IN (SELECT started_at, session_id FROM visits WHERE website_id = {v1:UInt32} AND visitor_id IN {v0:Array(UInt64)})
GROUP BY visitor_id
;
-- with
--   v0: [the visitor's id]
--   v1: the website's id
--   v2: "page"
--   v3: 1793491200000
--   v4: 1796083200000
--   v5: 1797292800000
--   v6: 1209600000
--   v7: 1
--   v8: "/"

SELECT visitor_id, countIf(type = 'track'),
    argMaxIf(toString(address), (occurred_at, seq), address != '')
FROM events
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
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
)
SELECT session_id FROM edges WHERE step = {v6:UInt64} AND near = {v7:String}) AND visitor_id IN {v8:Array(UInt64)}
GROUP BY visitor_id
;
-- with
--   v0: the website's id
--   v1: "page"
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 1
--   v7: "/"
--   v8: [the visitor's id]

SELECT visitor_id, if(is_converted = 1, '', toString(original_currency)) AS lacking,
    sum(amount), sum(original_amount), max(original_amount > 0)
FROM payments FINAL
WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v2:Int64}) AND report_at < fromUnixTimestamp64Milli({v3:Int64}) AND kind != 'refund' AND session_id IN (WITH
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
edges AS (
    SELECT session_id, arrayJoin(range(1, length(nodes))) AS step, nodes[step] AS near, nodes[step + 1] AS far
    FROM cut_paths
)
SELECT session_id FROM edges WHERE step = {v6:UInt64} AND near = {v7:String}) AND visitor_id IN {v8:Array(UInt64)}
GROUP BY visitor_id, lacking
ORDER BY visitor_id, lacking
;
-- with
--   v0: the website's id
--   v1: "page"
--   v2: 1793491200000
--   v3: 1796083200000
--   v4: 1797292800000
--   v5: 1209600000
--   v6: 1
--   v7: "/"
--   v8: [the visitor's id]
