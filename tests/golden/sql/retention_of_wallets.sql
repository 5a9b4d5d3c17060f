-- GET /retention
--   startAt=2026-11-01
--   endAt=2026-11-30
--   id_type=address

WITH
people AS (
    SELECT
        min(occurred_at) AS first_at,
        groupUniqArrayIf(toMonday(occurred_at, {v1:String}), type NOT IN {v0:Array(String)}) AS weeks,
        maxIf(toDate(occurred_at, {v1:String}), type NOT IN {v0:Array(String)}) AS last_day
    FROM events
    WHERE website_id = {v6:UInt32} AND bot = '' AND address != ''
    GROUP BY sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))
),
newcomers AS (
    SELECT
        toMonday(first_at, {v1:String}) AS cohort,
        toDate(first_at, {v1:String}) AS first_day,
        weeks,
        last_day
    FROM people
    WHERE first_at >= fromUnixTimestamp64Milli({v3:Int64}) AND first_at < fromUnixTimestamp64Milli({v4:Int64})
)
SELECT
    cohort,
    count(),
    sumForEach(arrayMap(k -> has(weeks, cohort + 7 * k), range(13))),
    sumForEach(arrayMap(n -> first_day + n < {v2:Date}, {v5:Array(UInt8)})),
    sumForEach(arrayMap(n -> first_day + n < {v2:Date} AND last_day >= first_day + n, {v5:Array(UInt8)}))
FROM newcomers
GROUP BY cohort
ORDER BY cohort
;
-- with
--   v0: ["detect","engagement","identify"]
--   v1: "UTC"
--   v2: "2026-11-21"
--   v3: 1793491200000
--   v4: 1796083200000
--   v5: [7,30,90]
--   v6: the website's id
