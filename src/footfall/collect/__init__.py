"""Collecting: requests → hits → journal. Nothing that arrives here is believed."""
