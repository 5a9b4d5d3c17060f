-- GET /funnel
--   startAt=2026-11-01
--   endAt=2026-11-30
--   steps=[{"type":"event","event":"page"},{"type":"track","event":"signup"},{"type":"track","event":"payment"}]
--   revenue=true

WITH
matching_events AS (
    SELECT
        if(visitor_id != 0, visitor_id, sipHash64(if(match(address, '^(?:0[xX][0-9a-fA-F]{40}|[a-z][a-z0-9_]*1[qpzry9x8gf2tvdw0s3jn54khce6mua7l]{6,}|[A-Z][A-Z0-9_]*1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{6,})$'), lower(address), address))) AS who,
        toUnixTimestamp64Milli(occurred_at) AS at,
        seq,
        toUInt16(1 * (type = {v1:String}) + 2 * (type = {v2:String} AND name = {v3:String}) + 4 * (type = {v2:String} AND name = {v4:String})) AS steps,
        '' AS value,
        visitor_id,
        JSONExtractString(properties, 'transaction_id') AS movement
    FROM events
    WHERE website_id = {v6:UInt32} AND occurred_at >= fromUnixTimestamp64Milli({v7:Int64}) AND occurred_at < fromUnixTimestamp64Milli({v8:Int64}) AND bot = '' AND type IN {v5:Array(String)} AND (visitor_id != 0 OR address != '') AND steps != 0
),
ordered_events AS (
    SELECT any(visitor_id) AS visitor, arraySort(arrayZip(groupArray(at), groupArray(seq), groupArray(steps), groupArray(movement))) AS events
    FROM matching_events
    GROUP BY who
),
chains AS (
    SELECT
        visitor, arrayReverseFill(chain -> notEmpty(chain), arrayMap(event -> if(bitTest(event.3, 2), [(event.1, event.4)], []), events)) AS chain_3,
        arrayReverseFill(chain -> notEmpty(chain), arrayMap((event, rest) -> if(bitTest(event.3, 1), arrayPushFront(rest, (event.1, event.4)), []), events, arrayShiftLeft(chain_3, 1))) AS chain_2,
        arrayMap((event, rest) -> if(bitTest(event.3, 0), arrayPushFront(rest, (event.1, event.4)), []), events, arrayShiftLeft(chain_2, 1)) AS chain_1
    FROM ordered_events
),
started_chains AS (
    SELECT
        visitor, arrayFilter(chain -> notEmpty(chain) AND chain[1].1 < {v9:Int64}, chain_1) AS started,
        arrayMap(chain -> chain[1].1, started) AS starts,
        arrayMap(
            (chain, start) -> arrayFilter(event -> event.1 <= start + {v10:Int64}, chain),
            started, starts
        ) AS reached
    FROM chains
),
furthest_chains AS (
    SELECT
        visitor, arrayMap(chain -> length(chain), reached) AS levels,
        reached[indexOf(levels, arrayMax(levels))] AS chain
    FROM started_chains
    WHERE notEmpty(reached)
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
    WHERE website_id = {v6:UInt32} AND report_at >= fromUnixTimestamp64Milli({v7:Int64}) AND report_at < fromUnixTimestamp64Milli({v8:Int64}) AND visitor_id != 0 AND kind != 'refund'
    GROUP BY visitor
),
paid_chains AS (
    SELECT
        visitor,
        chain,
        arrayMap(
            (event, k) -> arrayFilter(payment -> if(k IN (3), payment.2 = event.2, payment.1 >= event.1 AND payment.1 <= chain[1].1 + {v10:Int64}), payments),
            chain, arrayEnumerate(chain)
        ) AS paid
    FROM furthest_chains
    LEFT JOIN payments_of_people USING (visitor)
),
steps_of_values AS (
    SELECT
        '' AS value,
        step,
        count() AS users,
        quantileExactInclusiveState(0.5)(passed) AS from_previous,
        quantileExactInclusiveState(0.5)(passed_since_start) AS from_start,
        sum(arraySum(payment -> payment.3, payments)) AS revenue,
        sum(arrayCount(payment -> payment.5 != '', payments)) AS unconverted
    FROM (
        SELECT paid, chain, arrayDifference(arrayMap(event -> event.1, chain)) AS differences
        FROM paid_chains
    )
    ARRAY JOIN
        arrayEnumerate(chain) AS step,
        differences AS passed,
        arrayCumSum(differences) AS passed_since_start,
        paid AS payments
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
    quantileExactInclusiveMerge(0.5)(from_previous), quantileExactInclusiveMerge(0.5)(from_start),
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
--   v3: "signup"
--   v4: "payment"
--   v5: ["page","track"]
--   v6: the website's id
--   v7: 1793491200000
--   v8: 1797292800000
--   v9: 1796083200000
--   v10: 1209600000
