-- GET /retention
--   startAt=2026-11-01
--   endAt=2026-11-30
--   event_type=track
--   event_name=signup
--   filter_country=AT

WITH
people AS (
    SELECT
        min(occurred_at) AS first_at,
        groupUniqArrayIf(toMonday(occurred_at, {v3:String}), type NOT IN {v0:Array(String)} AND type = {v1:String} AND name = {v2:String}) AS weeks,
        maxIf(toDate(occurred_at, {v3:String}), type NOT IN {v0:Array(String)} AND type = {v1:String} AND name = {v2:String}) AS last_day
    FROM events
    WHERE website_id = {v9:UInt32} AND bot = '' AND visitor_id != 0 AND lowerUTF8(country) IN arrayMap(v -> lowerUTF8(v), {v8:Array(String)})
    GROUP BY visitor_id
),
newcomers AS (
    SELECT
        toMonday(first_at, {v3:String}) AS cohort,
        toDate(first_at, {v3:String}) AS first_day,
        weeks,
        last_day
    FROM people
    WHERE first_at >= fromUnixTimestamp64Milli({v5:Int64}) AND first_at < fromUnixTimestamp64Milli({v6:Int64})
)
SELECT
    cohort,
    count(),
    sumForEach(arrayMap(k -> has(weeks, cohort + 7 * k), range(13))),
    sumForEach(arrayMap(n -> first_day + n < {v4:Date}, {v7:Array(UInt8)})),
    sumForEach(arrayMap(n -> first_day + n < {v4:Date} AND last_day >= first_day + n, {v7:Array(UInt8)}))
FROM newcomers
GROUP BY cohort
ORDER BY cohort
;
-- with
--   v0: ["detect","engagement","identify"]
--   v1: "track"
--   v2: "signup"
--   v3: "UTC"
--   v4: "2026-11-21"
--   v5: 1793491200000
--   v6: 1796083200000
--   v7: [7,30,90]
--   v8: ["AT"]
--   v9: the website's id
