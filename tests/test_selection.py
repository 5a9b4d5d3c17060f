"""Which cases a run leaves out."""

from pathlib import Path

import pytest
from selection import IS_ALL, is_tried_again, outside_sample, some_of

CASES = [f"case {number}" for number in range(20)]


def test_a_sample_leaves_out_all_but_its_size() -> None:
    assert len(outside_sample(CASES, 3, "a seed")) == 17


def test_cases_that_are_left_out_keep_their_order() -> None:
    out = outside_sample(CASES, 3, "a seed")
    assert out == [case for case in CASES if case in out]


@pytest.mark.parametrize("size", [20, 21])
def test_a_sample_as_large_as_a_test_leaves_nothing_out(size: int) -> None:
    assert outside_sample(CASES, size, "a seed") == []


def test_a_seed_repeats_its_choice_and_others_choose_every_case_in_time() -> None:
    assert outside_sample(CASES, 3, "a seed") == outside_sample(CASES, 3, "a seed")
    chosen = [set(CASES) - set(outside_sample(CASES, 3, f"{seed}")) for seed in range(200)]
    assert set().union(*chosen) == set(CASES)


def test_a_test_tries_some_things_in_order_or_all() -> None:
    some = some_of(CASES, 3)
    assert len(some) == (len(CASES) if IS_ALL else 3)
    assert some == [case for case in CASES if case in some]


@pytest.mark.parametrize("path", ["property/test_property_flows.py", "load/test_join.py"])
def test_a_random_test_and_a_test_of_the_engine_are_not_tried_again(path: str) -> None:
    assert not is_tried_again(Path(path))


@pytest.mark.skipif(IS_ALL, reason="make test-all tries nothing again")
@pytest.mark.parametrize("path", ["e2e/test_stop.py", "test_bench.py"])
def test_a_test_that_waits_for_processes_is_tried_again(path: str) -> None:
    assert is_tried_again(Path(path))
