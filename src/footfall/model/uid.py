"""The ids that trackers, SDKs and backends give to visitors and sessions."""

import re

UID_PATTERN = "[A-Za-z0-9_-]{1,64}"
"""Without anchors, in the syntax that Python's expressions and JSON Schema's have in common."""

_UID = re.compile(UID_PATTERN)


def is_uid(text: str) -> bool:
    """Whether a text can be the id of a visitor or a session."""
    return _UID.fullmatch(text) is not None
