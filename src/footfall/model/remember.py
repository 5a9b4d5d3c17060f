"""A cache for functions of what people send: limited in entries and in the size of each."""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Generic, ParamSpec, TypeVar

LONGEST = 256
"""Characters of a text that is kept. Real addresses and user agents are shorter."""

P = ParamSpec("P")
T = TypeVar("T")


class Remembered(Generic[P, T]):
    """A function that remembers its latest answers, but not those to long texts: many different
    long ones would fill the memory."""

    def __init__(self, function: Callable[P, T], entries: int, longest: int) -> None:
        update_wrapper(self, function)
        self._function = function
        self._longest = longest
        self._cached = lru_cache(maxsize=entries)(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        for argument in args:
            if isinstance(argument, str) and len(argument) > self._longest:
                return self._function(*args, **kwargs)
        return self._cached(*args, **kwargs)  # type: ignore[arg-type]  # as lru_cache: hashable ones


def remember(entries: int, longest: int = LONGEST) -> Callable[[Callable[P, T]], Remembered[P, T]]:
    """Remember the answers to the latest `entries` arguments of at most `longest` characters."""
    return lambda function: Remembered(function, entries, longest)
