"""Questions of website owners, with the right tool, arguments and fact: how well does an assistant
choose among our MCP tools? See docs/mcp.md, "How well assistants choose"."""
