-- A page, then two goals, in a window: people at each step, and the medians (seconds) from the step
-- before and from the start. /*by*/ holds a breakdown's value.
WITH ordered AS (
    SELECT
        arraySort(groupArray((
            toUnixTimestamp64Milli(occurred_at), seq,
            multiIf(type = 'page', 1, name = {goal:String}, 2, 3), /*by*/''
        ))) AS events,
        events.1 AS at, events.3 AS kind, events.4 AS groups
    FROM events
    WHERE website_id = {website:UInt32} AND bot = '' AND visitor_id != 0
        AND occurred_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND occurred_at < fromUnixTimestamp64Milli({to_ms:Int64} + {window_ms:Int64})
        AND (
            (type = 'page' AND path = {page:String})
            OR (type = 'track' AND name IN ({goal:String}, {last_goal:String}))
        )
    GROUP BY visitor_id
),
chains AS (
    SELECT
        at, groups,
        arrayFilter(i -> kind[i] = 1 AND at[i] < {to_ms:Int64}, arrayEnumerate(at)) AS firsts,
        arrayMap(i -> arrayFirstIndex((k, j) -> k = 2 AND j > i, kind, arrayEnumerate(kind)), firsts) AS seconds,
        arrayMap(
            i -> if(i = 0, 0, arrayFirstIndex((k, j) -> k = 3 AND j > i, kind, arrayEnumerate(kind))), seconds
        ) AS thirds,
        arrayMap(
            (i, j, k) -> 1 + (j > 0 AND at[j] <= at[i] + {window_ms:Int64})
                + (k > 0 AND at[k] <= at[i] + {window_ms:Int64}),
            firsts, seconds, thirds
        ) AS levels,
        arrayMax(levels) AS level,
        indexOf(levels, level) AS chosen,
        at[firsts[chosen]] AS first_at, at[seconds[chosen]] AS second_at, at[thirds[chosen]] AS third_at
    FROM ordered
    WHERE notEmpty(firsts)
)
SELECT
    groups[firsts[chosen]] AS breakdown,
    count() AS users,
    countIf(level >= 2),
    countIf(level >= 3),
    quantileExactInclusiveIf(0.5)(second_at - first_at, level >= 2) / 1000,
    quantileExactInclusiveIf(0.5)(third_at - second_at, level >= 3) / 1000,
    quantileExactInclusiveIf(0.5)(third_at - first_at, level >= 3) / 1000
FROM chains
GROUP BY breakdown
ORDER BY users DESC, breakdown
