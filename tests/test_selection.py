"""Which cases a run leaves out."""

import pytest
from selection import outside_sample

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
