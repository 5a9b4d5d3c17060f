"""Wallet addresses: which spellings are the same wallet."""

import re

_DATA = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
WALLET_IN_ANY_CASE = (
    "^(?:0[xX][0-9a-fA-F]{40}"
    f"|[a-z][a-z0-9_]*1[{_DATA}]{{6,}}"
    f"|[A-Z][A-Z0-9_]*1[{_DATA.upper()}]{{6,}})$"
)
"""Addresses in which case has no meaning: hexadecimal ones (their mixed case is a checksum) and
bech32 (BIP 173: a prefix, the digit 1, then letters of this alphabet, all in one case).

Without the checksum of bech32: nothing else has this form. The same text is a pattern of RE2.
"""
_IN_ANY_CASE = re.compile(WALLET_IN_ANY_CASE)


def plain_wallet(address: str) -> str:
    """The address in its one spelling; an address whose case matters is itself."""
    return address.lower() if _IN_ANY_CASE.fullmatch(address) else address
