"""The engine's side: one client, one dialect, and the tables' migrations."""
