"""Access logs: what a line of a web server's log says about a request."""
