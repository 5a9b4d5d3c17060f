"""Shops and their providers: what they tell of money, and what it is worth elsewhere."""
