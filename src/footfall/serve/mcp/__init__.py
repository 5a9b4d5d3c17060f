"""The MCP server: tools for assistants, each of which asks the web analytics API.

`endpoint` is all that a server imports at its start. The official SDK is imported with `server`, on
the first call.
"""
