-- When the visitor's latest session before with the same page, goal or other action began
-- (load/walking.py). Walks from before this column, where is_walked is 1, are written again.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS walk_prev_at Array(UInt32) CODEC(LZ4);
