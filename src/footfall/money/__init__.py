"""Payments: what is known of each, what reports show of them, and what they are worth."""
