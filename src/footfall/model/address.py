"""IP addresses as text, each in its one spelling."""

from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

_V4_MAPPED = bytes(10) + b"\xff\xff"


@lru_cache(maxsize=4_096)
def plain_address(text: str) -> str:
    """An address without port and brackets in its usual form, or '' where it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        if ":" not in text:
            return inet_ntop(AF_INET, inet_pton(AF_INET, text))
        packed = inet_pton(AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):  # ValueError: a NUL
        return ""
    if packed.startswith(_V4_MAPPED):
        return inet_ntop(AF_INET, packed[12:])
    return inet_ntop(AF_INET6, packed)
