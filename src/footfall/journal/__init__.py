"""The journal: events that are acknowledged and not yet in the store."""
