"""The web analytics API."""
