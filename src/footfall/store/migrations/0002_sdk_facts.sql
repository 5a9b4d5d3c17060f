-- Facts that came with flows: last in every table that ends with the facts.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS referrer_url LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS timezone     LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS sdk_version  LowCardinality(String) CODEC(ZSTD(1));

ALTER TABLE sessions
    ADD COLUMN IF NOT EXISTS referrer_url LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS timezone     LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS sdk_version  LowCardinality(String) CODEC(ZSTD(1));

ALTER TABLE payments
    ADD COLUMN IF NOT EXISTS referrer_url LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS timezone     LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS sdk_version  LowCardinality(String) CODEC(ZSTD(1));

-- Events of SDKs that were not taken, and why. Kept for days; never more of an event than its name.
CREATE TABLE IF NOT EXISTS quarantine
(
    website_id  UInt32 CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    message_id  String CODEC(ZSTD(1)),
    type        LowCardinality(String) CODEC(ZSTD(1)),
    name        String CODEC(ZSTD(1)),
    field       LowCardinality(String) CODEC(ZSTD(1)),  -- dotted, '' where the whole event is meant
    message     LowCardinality(String) CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (website_id, received_at)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
