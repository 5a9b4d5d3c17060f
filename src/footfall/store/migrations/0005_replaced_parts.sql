-- A part that was merged into another one stays in memory and on disk for old_parts_lifetime, which
-- is 480 seconds by default: with a batch per second thousands of parts, at some 15 kB of memory
-- each. They are only needed if the machine loses power before the merged part is on disk, so the
-- engine is to sync merged parts itself, and may drop their sources soon afterwards.
ALTER TABLE events MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE sessions MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE visits MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE payments MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE ingestion MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE event_ids MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE quarantine MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
ALTER TABLE batches MODIFY SETTING old_parts_lifetime = 10, min_rows_to_fsync_after_merge = 1;
