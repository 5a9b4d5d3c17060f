"""Numbers as texts, and how one in JSON is written: 100, never 100.0."""

NUMBER = r"-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
"""What a text must match as a whole to be a number, in Python and in the engine."""


def plain_number(value: int | float) -> int | float:
    """The whole number that a float equals, if it can be written with digits alone.

    With it, 100 and 100.0 of two senders become the same text, as in a browser.
    """
    if isinstance(value, float) and abs(value) < 1e21 and value.is_integer():
        return int(value)
    return value
