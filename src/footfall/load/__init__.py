"""Loading: journal → sessions joined → numbered batch in the spool → store, exactly once."""
