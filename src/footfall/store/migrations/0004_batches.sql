-- The newest batch and how far the journals were read with it: where loading goes on if the spool is lost.
CREATE TABLE IF NOT EXISTS batches
(
    number    UInt64,
    positions String  -- JSON: writer → [segment, offset]
)
ENGINE = ReplacingMergeTree(number)
ORDER BY tuple()
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
