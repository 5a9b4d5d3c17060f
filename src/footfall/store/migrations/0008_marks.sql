-- When the visitor's session before this one began, in seconds since 1970: 0 means that it is not known
-- yet, 1 that there is none (load/mark.py). Rows from before this column have 0 until they are marked.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS prev_at UInt32 CODEC(LZ4);

-- Why marks are not used now; empty but for while something casts doubt on them.
CREATE TABLE IF NOT EXISTS doubts
(
    reason String
)
ENGINE = MergeTree
ORDER BY reason
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
