"""Access logs: from a web server's file to the journal, each line once."""
