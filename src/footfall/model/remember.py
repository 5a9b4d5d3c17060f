"""A cache for functions of what people send: limited in entries and in the size of each."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

LONGEST = 256
"""Characters of a text that is kept. Real addresses and user agents are shorter."""

P = ParamSpec("P")
T = TypeVar("T")


def remember(entries: int, longest: int = LONGEST) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember the answers to the latest `entries` arguments, but not those to texts of more than
    `longest` characters: many different long ones would fill the memory."""

    def remembering(function: Callable[P, T]) -> Callable[P, T]:
        cached = lru_cache(maxsize=entries)(function)

        @wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
            for argument in args:
                if isinstance(argument, str) and len(argument) > longest:
                    return function(*args, **kwargs)
            return cached(*args, **kwargs)  # type: ignore[arg-type]  # as lru_cache: hashable ones

        return remembered

    return remembering
