"""The calls of the dashboard's own API: accounts, members, settings, shares, saved things."""
