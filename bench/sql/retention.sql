-- Weekly cohorts: Monday, people, and how many of them came again in each of the 13 weeks.
WITH people AS (
    SELECT
        toMonday(min(occurred_at)) AS cohort,
        groupUniqArrayIf(toMonday(occurred_at), type NOT IN ('engagement', 'identify', 'detect')) AS weeks
    FROM events
    WHERE website_id = {website:UInt32} AND bot = '' AND visitor_id != 0
        AND occurred_at < fromUnixTimestamp64Milli({now_ms:Int64})
    GROUP BY visitor_id
    HAVING min(occurred_at) >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND min(occurred_at) < fromUnixTimestamp64Milli({to_ms:Int64})
)
SELECT *
FROM (
SELECT
    toString(cohort) AS week, count() AS users,
    arrayMap(
        (returned, k) -> if(cohort + (k + 1) * 7 <= toDate(fromUnixTimestamp64Milli({now_ms:Int64})), returned / users, null),
        sumForEach(arrayMap(k -> has(weeks, cohort + k * 7), range(13))), range(13)
    ) AS shares
FROM people
GROUP BY cohort
HAVING users >= 10
ORDER BY cohort DESC
LIMIT 52
)
ORDER BY week
