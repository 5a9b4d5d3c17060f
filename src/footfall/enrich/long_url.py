"""The one rule for addresses that are longer than 2,048 characters."""

import re
from urllib.parse import unquote_plus

from footfall.model.campaign import CLICK_IDS, MAX_PARAM_VALUE

MAX_URL = 2048
_ESCAPE_IN_HALF = re.compile(r"%[0-9A-Fa-f]?\Z")
_CHARACTER_IN_HALF = re.compile(
    r"%(?:[cd][0-9a-f]|e[0-9a-f](?:%[89ab][0-9a-f])?|f[0-7](?:%[89ab][0-9a-f]){0,2})\Z",
    re.IGNORECASE,
)
_CLICK_IDS = frozenset(CLICK_IDS)
_HALF_CHARACTER = 3  # a cut in a percent-encoded character leaves at most this much of it


def shorten_url(url: str, *, is_sent_cut: bool = False) -> str:
    """The first 2,048 characters of an address or referrer, as the tracker sends them.

    Nothing is stored with a wrong value: a path ends before a character that would be cut in
    half, and a parameter whose value would be cut is left out. A click ID stays, because only its
    name is kept, and so does a value that is shortened even further anyway.

    `is_sent_cut`: the sender may have cut the address itself, so one of exactly 2,048 characters
    is treated in the same way.
    """
    if len(url) < MAX_URL or (len(url) == MAX_URL and not is_sent_cut):
        return url
    kept = url[:MAX_URL]
    begin = _parameter_begin(kept)
    if begin and url[MAX_URL : MAX_URL + 1] not in ("&", "#") and not _may_be_cut(kept[begin:]):
        return kept[: begin - 1]
    kept = _ESCAPE_IN_HALF.sub("", kept)
    return _CHARACTER_IN_HALF.sub("", kept)


def _parameter_begin(kept: str) -> int:
    """Where the last query parameter begins; 0 if the text ends in a path or a plain fragment."""
    address, hash_mark, fragment = kept.partition("#")
    part = fragment if hash_mark else address
    if "?" in part:
        return max(kept.rfind("?"), kept.rfind("&")) + 1
    if hash_mark and "=" in part.partition("/")[0]:  # parameters in a fragment: #token=…&x=…
        return max(kept.rfind("#"), kept.rfind("&")) + 1
    return 0


def _may_be_cut(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    if name.lower() in _CLICK_IDS:
        return bool(value)
    return len(unquote_plus(value)) >= MAX_PARAM_VALUE + _HALF_CHARACTER
