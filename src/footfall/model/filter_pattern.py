"""The grammar of a filter's value as a regular expression, for documents.

It matches what `parse_filter` accepts, except for the limits on how many values and characters
there may be.
"""

from footfall.model.dimension import Dimension
from footfall.model.escape import SPACES
from footfall.model.path_pattern import MAX_STARS

_ESCAPED = r"\\[^\u0000]"
"""A backslash and the character that it makes literal."""


def filter_pattern(dimension: Dimension) -> str:
    """A regular expression of ECMA 262 and of Python alike, with anchors."""
    separators = "|," if dimension.comma_separates else "|"
    value = _value(dimension, separators, "")
    # A first '!' or '~' says how to compare, so a value without them begins with another character.
    first = (
        f"!?~{value}",
        f"!{_value(dimension, separators, '~')}",
        _value(dimension, separators, "!~"),
    )
    return f"^(?:{'|'.join(first)})(?:[{separators}]{value})*$"


def _value(dimension: Dimension, separators: str, not_first: str) -> str:
    r"""One value, not empty, whose first character is not in `not_first`."""
    if dimension.is_path:
        plain = rf"(?:[^{separators}*\\\u0000]|{_ESCAPED})"
        first = rf"(?:[^{separators}*\\\u0000{not_first}]|{_ESCAPED})"
        stars = rf"(?:\*{plain}*)"
        return f"(?:{first}{plain}*{stars}{{0,{MAX_STARS}}}|{stars}{{1,{MAX_STARS}}})"
    plain = rf"(?:[^{separators}\\\u0000]|{_ESCAPED})"
    if not dimension.comma_separates:
        return rf"(?:(?:[^{separators}\\\u0000{not_first}]|{_ESCAPED}){plain}*)"
    # Spaces around such a value are dropped, so a value of spaces only is empty.
    begin = rf"(?:[^{separators}\\{SPACES}\u0000{not_first}]|{_ESCAPED})"
    later = rf"[{SPACES}]+(?:[^{separators}\\{SPACES}\u0000]|{_ESCAPED})"
    return f"(?:(?:{begin}|{later}){plain}*)"
