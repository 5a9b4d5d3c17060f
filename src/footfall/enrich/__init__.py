"""Hit → Event | Dropped: one small file per step, their order in pipeline.py."""
