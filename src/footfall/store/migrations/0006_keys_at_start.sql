-- By default the engine reads the key of a part at its first use, and then checks only its size. A
-- key file that is replaced under a running server made reports count rows twice, until the daily
-- check named it. Keys that are read when a part is opened are checked by Footfall's check at start.
ALTER TABLE events MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE sessions MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE visits MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE payments MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE ingestion MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE event_ids MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE quarantine MODIFY SETTING primary_key_lazy_load = 0;
ALTER TABLE batches MODIFY SETTING primary_key_lazy_load = 0;
