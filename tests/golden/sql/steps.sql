-- GET /steps
--   startAt=2026-11-01
--   endAt=2026-11-30

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
            WHERE website_id = {v0:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v1:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND type NOT IN ('detect', 'engagement', 'identify')
        )
    )
    GROUP BY kind, name, status
)
WHERE 1
ORDER BY visitors DESC, events DESC, label, kind, name, status
LIMIT {v4:UInt64} OFFSET {v5:UInt64}
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
--   v3: ""
--   v4: 100
--   v5: 0
