"""Footfall: self-hosted, privacy-first web analytics with exact numbers."""
