"""What text may pass: no NUL, no lone surrogates, no secrets of a query string."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")  # and bidi overrides
_SECRET = re.compile(
    r"""([?&;#/"](?:
        [\w.-]*(?:token|secret|passw(?:or)?d|api[_-]?key|access[_-]?key|e-?mail|sess(?:ion)?_?id)
        |pwd|pass|passphrase|key|auth|authorization|session|sid|jwt|otp|code|sig|signature
        |phone|tel|ssn|iban|card
        |gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|yclid|igshid|mc_eid
    )=)(?:[^&#;"\\\s]|\\.)*""",
    re.VERBOSE | re.IGNORECASE,
)


def is_clean(text: str) -> bool:
    """Whether the text can be stored: UTF-8 can hold it and there is no NUL in it."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cut(text: str, length: int) -> str:
    """One line without outer space or control characters, at most `length` characters."""
    if not text.isprintable():
        text = _CONTROL.sub(" ", text)
    return text.strip()[:length].rstrip()


def hide_secrets(text: str) -> str:
    """The text with the values of query parameters such as token=, email=, password= as ***.

    Works on an address and on JSON text that holds addresses.
    """
    return _SECRET.sub(r"\1***", text) if "=" in text else text
