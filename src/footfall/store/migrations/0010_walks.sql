-- What happened in the session, in order (load/walking.py): one entry for each of its events but
-- engagement. Empty until the session is over, and whenever its row was written again.
ALTER TABLE sessions
    ADD COLUMN IF NOT EXISTS walk_at Array(UInt32) CODEC(LZ4),
    ADD COLUMN IF NOT EXISTS walk_type Array(Enum8('page' = 1, 'track' = 2, 'outbound' = 3, 'engagement' = 4, 'identify' = 5, 'detect' = 6, 'connect' = 7, 'disconnect' = 8, 'chain' = 9, 'signature' = 10, 'transaction' = 11, 'decoded_log' = 12)) CODEC(LZ4),
    ADD COLUMN IF NOT EXISTS walk_label Array(LowCardinality(String)) CODEC(LZ4),
    ADD COLUMN IF NOT EXISTS is_walked UInt8 CODEC(LZ4),
    ADD COLUMN IF NOT EXISTS walk_ends_at DateTime64(3, 'UTC') CODEC(LZ4),
    ADD INDEX IF NOT EXISTS ends walk_ends_at TYPE minmax GRANULARITY 1;
