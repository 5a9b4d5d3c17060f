-- A month's payments again, of other visitors each time.
INSERT INTO payments
SELECT * EXCEPT (copy) REPLACE (cityHash64(session_id, copy) AS session_id, cityHash64(visitor_id, copy) AS visitor_id,
    concat(movement_id, '_', toString(copy)) AS movement_id)
FROM (
    SELECT *, arrayJoin(range(1, {times:UInt32})) AS copy
    FROM payments FINAL
    WHERE _partition_id = {month:String}
)
