"""An answer as the API gave it, on its way to standard output."""


def printable(content: bytes, *, is_terminal: bool) -> bytes:
    """The answer with a line's end.

    A terminal could obey control characters of any kind, so there they become \\uXXXX, as JSON can
    also write them.
    """
    if is_terminal:
        text = content.decode(errors="replace")
        content = "".join(map(_visible, text)).encode()
    return content if content.endswith(b"\n") else content + b"\n"


def _visible(character: str) -> str:
    if character.isprintable() or character in "\r\n":
        return character
    units = character.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
