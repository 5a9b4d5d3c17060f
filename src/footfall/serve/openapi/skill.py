"""/skill.md: the skill for assistants, with this server's address filled in."""

import re
from importlib.resources import files

FOLDER = files("footfall") / "skill"
UNKNOWN_ADDRESS = "https://HOST"
_ADDRESS = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether a text is an address without a path, which is safe in a shell's commands."""
    return _ADDRESS.fullmatch(text) is not None


def skill_text(address: str = "") -> str:
    """The skill. An `address` that is none is not filled in: it becomes part of commands."""
    text = (FOLDER / "SKILL.md").read_text("utf-8")
    return text.replace(UNKNOWN_ADDRESS, address) if is_address(address) else text
