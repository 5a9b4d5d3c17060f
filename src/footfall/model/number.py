"""Numbers as texts, and how one in JSON is told: 100, never 100.0."""

NUMBER = r"-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?"
"""What a whole text matches that is a number, for Python as for the engine."""


def plain_number(value: int | float) -> int | float:
    """The whole number that a float is, where it would be written with its digits alone.

    So that 100 and 100.0 of two senders are one text, as they are in a browser.
    """
    if isinstance(value, float) and abs(value) < 1e21 and value.is_integer():
        return int(value)
    return value
