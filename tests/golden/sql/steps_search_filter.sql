-- GET /steps
--   startAt=2026-11-01
--   endAt=2026-11-30
--   search=pri
--   filter_page=/pricing
--   limit=10

SELECT toUnixTimestamp64Milli(min(at)), toUnixTimestamp64Milli(max(at)), count()
FROM (
    SELECT report_at AS at FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v1:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 0
    UNION ALL
    SELECT started_at AS at
    FROM sessions
    WHERE website_id = {v0:UInt32} AND session_id IN (
        SELECT session_id FROM events WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v1:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND session_id != 0 AND is_server_side = 1
    )
)
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000

SELECT kind, name, status, multiIf(kind = 'any_page', 'Any page', name != '', name, status != '', concat(kind, ': ', status), kind) AS label, events, visitors, count() OVER () AS total
FROM (
    SELECT
        choice.1 AS kind,
        choice.2 AS name,
        choice.3 AS status,
        count() AS events,
        uniqExactIf(visitor_id, visitor_id != 0) AS visitors
    FROM (
        SELECT visitor_id, arrayJoin(multiIf(
            kind_of_event = 'page',
            arrayConcat([('any_page', '', '')], if(path_ != '', [('page', path_, '')], [])),
            kind_of_event = 'track', [('goal', name_, '')],
            kind_of_event = 'decoded_log', [('contract', name_, '')],
            kind_of_event IN ('signature', 'transaction'),
            arrayConcat(
                [(kind_of_event, '', '')],
                if(status != '', [(kind_of_event, '', if(status IN ('success', 'confirmed'), 'success', status))], []),
                arrayMap(a -> (kind_of_event, a, ''), arrayDistinct(arrayFilter(a -> a != '' AND a != kind_of_event, [name_, action])))
            ),
            kind_of_event IN ('outbound', 'connect', 'disconnect', 'chain'), [('event', kind_of_event, '')],
            []
        )) AS choice
        FROM (
            SELECT visitor_id, toString(type) AS kind_of_event, toString(path) AS path_,
                toString(name) AS name_, if(JSONType(properties, 'status') IN ('Object', 'Array'), '', JSONExtractString(properties, 'status')) AS status, if(JSONType(properties, 'function_name') IN ('Object', 'Array'), '', JSONExtractString(properties, 'function_name')) AS action
            FROM events
            WHERE website_id = {v2:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v0:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v1:Int64}) AND bot = '' AND type NOT IN ('detect', 'engagement', 'identify') AND session_id != 0 AND session_id IN (SELECT session_id FROM events WHERE website_id = {v2:UInt32} AND report_at >= fromUnixTimestamp64Milli({v0:Int64}) AND report_at < fromUnixTimestamp64Milli({v1:Int64}) AND type = 'page' AND path IN {v3:Array(String)} AND session_id != 0)
        )
    )
    GROUP BY kind, name, status
)
WHERE positionCaseInsensitiveUTF8(label, {v4:String}) > 0
ORDER BY visitors DESC, events DESC, label, kind, name, status
LIMIT {v5:UInt64} OFFSET {v6:UInt64}
;
-- with
--   v0: 1793491200000
--   v1: 1796083200000
--   v2: the website's id
--   v3: ["/pricing"]
--   v4: "pri"
--   v5: 10
--   v6: 0
