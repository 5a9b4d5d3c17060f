-- By how many seconds the visitor's latest session before with the same country, device and so on began
-- before `prev_at` (model/mark.py). Empty in rows from before this column, which are marked again.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS gaps Array(UInt32) CODEC(LZ4);
