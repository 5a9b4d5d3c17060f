-- A month's sessions again, of other visitors each time.
INSERT INTO sessions
SELECT * EXCEPT (copy) REPLACE (cityHash64(session_id, copy) AS session_id, cityHash64(visitor_id, copy) AS visitor_id)
FROM (
    SELECT *, arrayJoin(range(1, {times:UInt32})) AS copy
    FROM sessions FINAL
    WHERE _partition_id = {month:String}
)
