-- Every report about sessions reads these columns. The engine reads LZ4 several times as fast as
-- ZSTD, and a session takes only 8 bytes more: its ids are random, so no encoding makes them smaller.
-- Existing parts keep their encoding until they are written again, and can be read as before.
ALTER TABLE sessions
    MODIFY COLUMN website_id CODEC(LZ4),
    MODIFY COLUMN started_at CODEC(Delta, LZ4),
    MODIFY COLUMN session_id CODEC(LZ4),
    MODIFY COLUMN visitor_id CODEC(LZ4),
    MODIFY COLUMN bot CODEC(LZ4),
    MODIFY COLUMN last_event_at CODEC(LZ4),
    MODIFY COLUMN pageviews CODEC(LZ4),
    MODIFY COLUMN counted_events CODEC(LZ4),
    MODIFY COLUMN engaged_ms CODEC(LZ4);
