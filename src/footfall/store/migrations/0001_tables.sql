-- One row per event, the session's facts stamped on it, a session's rows lying together.
CREATE TABLE IF NOT EXISTS events
(
    website_id      UInt32 CODEC(ZSTD(1)),
    -- the instant that places the row in a period: its session's start, or its own
    -- time where it has no session or was recorded by a server
    report_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    session_id      UInt64 CODEC(ZSTD(1)),
    visitor_id      UInt64 CODEC(ZSTD(1)),
    occurred_at     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    seq             UInt64 CODEC(Delta, ZSTD(1)),  -- order of arrival
    type            Enum8('page' = 1, 'track' = 2, 'outbound' = 3, 'engagement' = 4, 'identify' = 5, 'detect' = 6,
                          'connect' = 7, 'disconnect' = 8, 'chain' = 9, 'signature' = 10, 'transaction' = 11,
                          'decoded_log' = 12) CODEC(ZSTD(1)),
    name            LowCardinality(String) CODEC(ZSTD(1)),
    path            LowCardinality(String) CODEC(ZSTD(1)),
    title           LowCardinality(String) CODEC(ZSTD(1)),
    link            String CODEC(ZSTD(1)),
    properties      String CODEC(ZSTD(1)),
    engaged_ms      UInt32 CODEC(ZSTD(1)),
    address         LowCardinality(String) CODEC(ZSTD(1)),
    is_server_side  UInt8 CODEC(ZSTD(1)),
    bot             LowCardinality(String) CODEC(ZSTD(1)),
    hostname        LowCardinality(String) CODEC(ZSTD(1)),
    referrer        LowCardinality(String) CODEC(ZSTD(1)),
    channel         LowCardinality(String) CODEC(ZSTD(1)),
    utm_source      LowCardinality(String) CODEC(ZSTD(1)),
    utm_medium      LowCardinality(String) CODEC(ZSTD(1)),
    utm_campaign    LowCardinality(String) CODEC(ZSTD(1)),
    utm_term        LowCardinality(String) CODEC(ZSTD(1)),
    utm_content     LowCardinality(String) CODEC(ZSTD(1)),
    ref             LowCardinality(String) CODEC(ZSTD(1)),
    source          LowCardinality(String) CODEC(ZSTD(1)),
    via             LowCardinality(String) CODEC(ZSTD(1)),
    click_id        LowCardinality(String) CODEC(ZSTD(1)),
    country         LowCardinality(String) CODEC(ZSTD(1)),
    region          LowCardinality(String) CODEC(ZSTD(1)),
    region_code     LowCardinality(String) CODEC(ZSTD(1)),
    city            LowCardinality(String) CODEC(ZSTD(1)),
    device          LowCardinality(String) CODEC(ZSTD(1)),
    browser         LowCardinality(String) CODEC(ZSTD(1)),
    browser_version LowCardinality(String) CODEC(ZSTD(1)),
    os              LowCardinality(String) CODEC(ZSTD(1)),
    os_version      LowCardinality(String) CODEC(ZSTD(1)),
    language        LowCardinality(String) CODEC(ZSTD(1)),
    screen          LowCardinality(String) CODEC(ZSTD(1)),
    INDEX by_time occurred_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(report_at)
ORDER BY (website_id, report_at, session_id, occurred_at, seq)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- One row per session, written again with a higher version whenever the session changes; read it with FINAL.
CREATE TABLE IF NOT EXISTS sessions
(
    website_id      UInt32 CODEC(ZSTD(1)),
    started_at      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    session_id      UInt64 CODEC(ZSTD(1)),
    visitor_id      UInt64 CODEC(ZSTD(1)),
    version         UInt64 CODEC(ZSTD(1)),  -- number of the batch that wrote the row
    is_deleted      UInt8 CODEC(ZSTD(1)),
    bot             LowCardinality(String) CODEC(ZSTD(1)),
    last_event_at   DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    pageviews       UInt32 CODEC(ZSTD(1)),
    counted_events  UInt32 CODEC(ZSTD(1)),  -- pageviews included
    engaged_ms      UInt64 CODEC(ZSTD(1)),
    entry_page      LowCardinality(String) CODEC(ZSTD(1)),
    exit_page       LowCardinality(String) CODEC(ZSTD(1)),
    exit_page_at    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    exit_link       String CODEC(ZSTD(1)),
    exit_link_at    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    hostname        LowCardinality(String) CODEC(ZSTD(1)),
    referrer        LowCardinality(String) CODEC(ZSTD(1)),
    channel         LowCardinality(String) CODEC(ZSTD(1)),
    utm_source      LowCardinality(String) CODEC(ZSTD(1)),
    utm_medium      LowCardinality(String) CODEC(ZSTD(1)),
    utm_campaign    LowCardinality(String) CODEC(ZSTD(1)),
    utm_term        LowCardinality(String) CODEC(ZSTD(1)),
    utm_content     LowCardinality(String) CODEC(ZSTD(1)),
    ref             LowCardinality(String) CODEC(ZSTD(1)),
    source          LowCardinality(String) CODEC(ZSTD(1)),
    via             LowCardinality(String) CODEC(ZSTD(1)),
    click_id        LowCardinality(String) CODEC(ZSTD(1)),
    country         LowCardinality(String) CODEC(ZSTD(1)),
    region          LowCardinality(String) CODEC(ZSTD(1)),
    region_code     LowCardinality(String) CODEC(ZSTD(1)),
    city            LowCardinality(String) CODEC(ZSTD(1)),
    device          LowCardinality(String) CODEC(ZSTD(1)),
    browser         LowCardinality(String) CODEC(ZSTD(1)),
    browser_version LowCardinality(String) CODEC(ZSTD(1)),
    os              LowCardinality(String) CODEC(ZSTD(1)),
    os_version      LowCardinality(String) CODEC(ZSTD(1)),
    language        LowCardinality(String) CODEC(ZSTD(1)),
    screen          LowCardinality(String) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(started_at)
ORDER BY (website_id, started_at, session_id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1,
         min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

-- Where a visitor's sessions are: one row per session, written when it opens.
CREATE TABLE IF NOT EXISTS visits
(
    website_id UInt32 CODEC(ZSTD(1)),
    visitor_id UInt64 CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    session_id UInt64 CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(started_at)
ORDER BY (website_id, visitor_id, started_at)
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 1000, fsync_after_insert = 1,
         fsync_part_directory = 1;

-- One row per movement of money, mirrored from the ledger; read it with FINAL.
-- A payment's row is placed by its own time and carries the facts stamped when it was recorded.
CREATE TABLE IF NOT EXISTS payments
(
    website_id         UInt32 CODEC(ZSTD(1)),
    report_at          DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    movement_id        String CODEC(ZSTD(1)),  -- transactionId, or transactionId and refund
    version            UInt64 CODEC(ZSTD(1)),
    is_deleted         UInt8 CODEC(ZSTD(1)),
    kind               Enum8('new' = 1, 'renewal' = 2, 'refund' = 3) CODEC(ZSTD(1)),
    visitor_id         UInt64 CODEC(ZSTD(1)),
    session_id         UInt64 CODEC(ZSTD(1)),
    session_started_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    is_converted       UInt8 CODEC(ZSTD(1)),  -- 0: no rate was known, `amount` is 0
    amount             Decimal(18, 4) CODEC(ZSTD(1)),  -- in the website's currency
    original_amount    Decimal(18, 4) CODEC(ZSTD(1)),
    original_currency  LowCardinality(String) CODEC(ZSTD(1)),
    rate               Decimal(38, 12) CODEC(ZSTD(1)),
    is_rate_estimated  UInt8 CODEC(ZSTD(1)),
    entry_page         LowCardinality(String) CODEC(ZSTD(1)),
    exit_page          LowCardinality(String) CODEC(ZSTD(1)),
    exit_link          String CODEC(ZSTD(1)),
    hostname           LowCardinality(String) CODEC(ZSTD(1)),
    referrer           LowCardinality(String) CODEC(ZSTD(1)),
    channel            LowCardinality(String) CODEC(ZSTD(1)),
    utm_source         LowCardinality(String) CODEC(ZSTD(1)),
    utm_medium         LowCardinality(String) CODEC(ZSTD(1)),
    utm_campaign       LowCardinality(String) CODEC(ZSTD(1)),
    utm_term           LowCardinality(String) CODEC(ZSTD(1)),
    utm_content        LowCardinality(String) CODEC(ZSTD(1)),
    ref                LowCardinality(String) CODEC(ZSTD(1)),
    source             LowCardinality(String) CODEC(ZSTD(1)),
    via                LowCardinality(String) CODEC(ZSTD(1)),
    click_id           LowCardinality(String) CODEC(ZSTD(1)),
    country            LowCardinality(String) CODEC(ZSTD(1)),
    region             LowCardinality(String) CODEC(ZSTD(1)),
    region_code        LowCardinality(String) CODEC(ZSTD(1)),
    city               LowCardinality(String) CODEC(ZSTD(1)),
    device             LowCardinality(String) CODEC(ZSTD(1)),
    browser            LowCardinality(String) CODEC(ZSTD(1)),
    browser_version    LowCardinality(String) CODEC(ZSTD(1)),
    os                 LowCardinality(String) CODEC(ZSTD(1)),
    os_version         LowCardinality(String) CODEC(ZSTD(1)),
    language           LowCardinality(String) CODEC(ZSTD(1)),
    screen             LowCardinality(String) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, is_deleted)
PARTITION BY toYYYYMM(report_at)
ORDER BY (website_id, report_at, movement_id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What became of hits: accepted, or dropped and why.
CREATE TABLE IF NOT EXISTS ingestion
(
    website_id UInt32 CODEC(ZSTD(1)),  -- 0: the website is not known
    hour       DateTime('UTC') CODEC(Delta, ZSTD(1)),
    via        LowCardinality(String) CODEC(ZSTD(1)),  -- collector, server, import
    outcome    LowCardinality(String) CODEC(ZSTD(1)),  -- accepted, bot or a drop's reason
    hits       UInt64 CODEC(ZSTD(1))
)
ENGINE = SummingMergeTree(hits)
PARTITION BY toYYYYMM(hour)
ORDER BY (website_id, hour, via, outcome)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Keys of the eventIds received lately, by which a repeat is known.
CREATE TABLE IF NOT EXISTS event_ids
(
    website_id  UInt32 CODEC(ZSTD(1)),
    event_id    UInt64 CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (website_id, event_id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000, fsync_after_insert = 1,
         fsync_part_directory = 1;
