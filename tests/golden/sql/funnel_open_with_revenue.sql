-- GET /funnel
--   startAt=2026-11-01
--   endAt=2026-11-30
--   steps=[{"type":"event","event":"page"},{"type":"track","event":"payment"}]
--   revenue=true
--   funnel_type=open

WITH
matching_events AS (
    SELECT
        if(visitor_id != 0, visitor_id, sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))) AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16(1 * (type = {v1:String}) + 2 * (type = {v2:String} AND name = {v3:String})) AS steps,
        '' AS value,
        visitor_id,
        JSONExtractString(properties, 'transaction_id') AS movement
    FROM events
    WHERE website_id = {v5:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v6:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v7:Int64}) AND bot = '' AND type IN {v4:Array(String)} AND (visitor_id != 0 OR address != '') AND steps != 0
),
people AS (
    SELECT
        any(visitor_id) AS visitor, groupBitOr(steps) AS found,
        arrayFirstIndex(k -> NOT bitTest(found, k), range(3)) - 1 AS level,
        [''] AS values,
        [tuple(minIf(at, bitTest(steps, 0)), argMinIf(movement, (at, seq), bitTest(steps, 0))), tuple(minIf(at, bitTest(steps, 1)), argMinIf(movement, (at, seq), bitTest(steps, 1)))] AS firsts
    FROM matching_events
    GROUP BY who
),
furthest_chains AS (
    SELECT visitor, values, arraySlice(firsts, 1, level) AS chain
    FROM people
    WHERE level > 0
),
payments_of_people AS (
    SELECT
        visitor_id AS visitor,
        groupArray((
            toUnixTimestamp64Milli(report_at),
            movement_id,
            amount,
            original_amount,
            if(is_converted = 1, '', toString(original_currency))
        )) AS payments
    FROM payments FINAL
    WHERE website_id = {v5:UInt32} AND report_at >= fromUnixTimestamp64Milli({v6:Int64}) AND report_at < fromUnixTimestamp64Milli({v7:Int64}) AND visitor_id != 0 AND kind != 'refund'
    GROUP BY visitor
),
paid_chains AS (
    SELECT
        values,
        chain,
        arrayMap(
            (event, k) -> arrayFilter(payment -> if(k IN (2), payment.2 = event.2, payment.1 >= event.1 AND payment.1 < {v7:Int64}), payments),
            chain, arrayEnumerate(chain)
        ) AS paid
    FROM furthest_chains
    LEFT JOIN payments_of_people USING (visitor)
),
steps_of_values AS (
    SELECT
        values[1] AS value,
        step,
        count() AS users,
        sum(arraySum(payment -> payment.3, payments)) AS revenue,
        sum(arrayCount(payment -> payment.5 != '', payments)) AS unconverted
    FROM paid_chains
    ARRAY JOIN arrayEnumerate(chain) AS step, paid AS payments
    GROUP BY value, step
),
sized_values AS (
    SELECT *, max(users) OVER (PARTITION BY value) AS size
    FROM steps_of_values
),
ranked_values AS (
    SELECT *, dense_rank() OVER (ORDER BY size DESC, value) AS place
    FROM sized_values
)
SELECT
    least(place, {v0:UInt64} + 1) AS rank,
    if(place <= {v0:UInt64}, value, '') AS shown,
    step,
    sum(users),
    NULL, NULL,
    sum(revenue),
    sum(unconverted)
FROM ranked_values
GROUP BY rank, shown, step
ORDER BY rank, step
;
-- with
--   v0: 5
--   v1: "page"
--   v2: "track"
--   v3: "payment"
--   v4: ["page","track"]
--   v5: the website's id
--   v6: 1793491200000
--   v7: 1796083200000
