"""Where the web analytics API is."""

BASES = ("/analytics/api/v1", "/api/v1")
