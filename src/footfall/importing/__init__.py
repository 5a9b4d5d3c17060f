"""Importing: from a file that others have recorded to the journal, each row once."""
