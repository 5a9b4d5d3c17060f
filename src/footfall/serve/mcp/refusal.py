"""What the API refuses, as a sentence for a model that says what to call instead."""

from typing import Any

from footfall.serve.mcp.rest import Reply
from footfall.serve.mcp.tool import SELECTORS, Tool


class ToolError(Exception):
    """A tool cannot answer. `message` says why, and what to call instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def refuse(reply: Reply, tool: Tool | None = None) -> Reply:
    """The reply, if it is an answer. Raises ToolError."""
    if not reply.is_error:
        return reply
    message, field = _read(reply.body)
    further = advice(reply.status, field, message, tool)
    raise ToolError(f"{message.rstrip('.')}. {further}".strip())


def _read(body: Any) -> tuple[str, str]:
    """The message and the wrong parameter, in the form of either API."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return str(error.get("message", "")), str(error.get("field", ""))
    message = body.get("message") if isinstance(body, dict) else None
    return str(message or error or "The server refused this"), ""


def advice(status: int, field: str, message: str, tool: Tool | None) -> str:
    """What to do about an error."""
    if field in SELECTORS:
        return "Call list_websites and pass one of its ids as websiteId"
    if status == 401:
        return "The person who set this up needs another token: footfall token create"
    if status == 403 and "scope" in message:
        return "Ask the user for a token with that scope: footfall token create --scope"
    if status == 404 and tool is not None and "isitor" in message:
        return "Call list_visitors or get_realtime_map for a visitorId"
    if status in (429, 503):
        return "Wait before you call a tool again"
    if field.startswith("filter_"):
        name = field.removeprefix("filter_")
        return f"get_breakdown with dimension={name} lists the values"
    if field in ("start_step", "end_step", "steps", "anchors"):
        return "get_pages and get_goals list the names that steps can have"
    return ""
