"""Footfall: self-hosted, privacy-first web analytics with exact numbers."""

__version__ = "0.1.0"
