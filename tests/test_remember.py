"""What is remembered of what people send has a limit, whatever they send."""

import functools
import gc
import importlib
import pkgutil
import tracemalloc

import pytest

import footfall
from footfall.model.hit import NO_HINTS
from footfall.model.remember import LONGEST, Remembered, remember

ENTRIES = 100


def _modules():
    for found in pkgutil.walk_packages(footfall.__path__, "footfall."):
        if not found.name.endswith("__main__") and ".migrations." not in found.name:
            yield importlib.import_module(found.name)


def _remembered():
    """Every remembering function of the package, by its name."""
    for module in _modules():
        for name, found in vars(module).items():
            if isinstance(found, Remembered) and found.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", found


def test_an_answer_is_remembered():
    calls = []

    @remember(ENTRIES)
    def shout(text: str) -> str:
        calls.append(text)
        return text.upper()

    assert [shout("a"), shout("a"), shout("b")] == ["A", "A", "B"]
    assert calls == ["a", "b"]


def test_the_answer_to_a_long_text_is_right_and_not_remembered():
    calls = []

    @remember(ENTRIES)
    def shout(text: str) -> str:
        calls.append(text)
        return text.upper()

    longest, longer = "a" * LONGEST, "a" * (LONGEST + 1)
    assert [shout(longest), shout(longest)] == [longest.upper()] * 2
    assert [shout(longer), shout(longer)] == [longer.upper()] * 2
    assert calls == [longest, longer, longer]


def test_a_long_second_text_is_not_remembered_either():
    calls = []

    @remember(ENTRIES)
    def join(first: str, second: str) -> str:
        calls.append(first)
        return first + second

    for _ in range(2):
        join("a", "b" * (LONGEST + 1))
    assert len(calls) == 2


def test_of_many_texts_only_the_latest_are_remembered():
    calls = []

    @remember(ENTRIES)
    def double(text: str) -> str:
        calls.append(text)
        return text * 2

    for number in range(3 * ENTRIES):
        double(str(number))
    calls.clear()
    double(str(3 * ENTRIES - 1))
    assert calls == []
    double("0")
    assert calls == ["0"]


def test_every_cache_of_the_package_has_a_limit():
    """A cache without one may only be of a function without arguments."""
    unlimited = []
    for module in _modules():
        for name, found in vars(module).items():
            if isinstance(found, functools._lru_cache_wrapper):
                arguments = found.__wrapped__.__code__.co_argcount
                if found.cache_parameters()["maxsize"] is None and arguments:
                    unlimited.append(f"{module.__name__}.{name}")
    assert unlimited == []


_ARGUMENTS = {
    "is_within": lambda text: (text, "example.com"),
    "parse_page_url": lambda text: (text, False),
    "read_agent": lambda text: (text, NO_HINTS),
    "_channel": lambda text: (text[:200], "", "", text, False),
}
"""Of a text, for functions that take more than one."""


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", [name for name, _ in _remembered()])
def test_a_function_of_the_package_keeps_less_than_a_limit(name: str):
    """Thousands of different texts of three lengths, as an attacker would send them."""
    remembered = dict(_remembered())[name]
    arguments = _ARGUMENTS.get(remembered.__name__, lambda text: (text,))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for length in (40, LONGEST, 2_000):
        for number in range(2_100):
            text = f"https://h{number}.example/"
            remembered(*arguments(text + "\u1234" * (length - len(text))))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 4_000_000
