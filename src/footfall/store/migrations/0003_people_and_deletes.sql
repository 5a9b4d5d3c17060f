-- Which visit a client's session id means, without its visitor: for payments that know no more.
ALTER TABLE visits
    ADD COLUMN IF NOT EXISTS client_session UInt64 CODEC(ZSTD(1)),
    ADD INDEX IF NOT EXISTS by_client_session client_session TYPE bloom_filter GRANULARITY 4;

-- What is being erased, under a number; empty but for while it goes.
CREATE TABLE IF NOT EXISTS erased
(
    number UInt64,
    key    UInt64,  -- seq of an event, key of a visitor
    at     DateTime64(3, 'UTC'),  -- report_at of its row
    session_id UInt64,
    text   String  -- movement_id
)
ENGINE = MergeTree
ORDER BY (number, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 0;
