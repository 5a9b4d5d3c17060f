"""How a number in JSON is told: 100, never 100.0."""


def plain_number(value: int | float) -> int | float:
    """The whole number that a float is, where it would be written with its digits alone.

    So that 100 and 100.0 of two senders are one text, as they are in a browser.
    """
    if isinstance(value, float) and abs(value) < 1e21 and value.is_integer():
        return int(value)
    return value
