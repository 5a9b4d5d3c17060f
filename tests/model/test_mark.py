"""The lists that have marks of their own."""

from footfall.model.dimension import DIMENSIONS
from footfall.model.mark import LISTS


def test_marks_are_of_rows_that_lists_have() -> None:
    keys = {each.keys for each in DIMENSIONS.values() if each.scope == "session"}
    assert set(LISTS) <= keys
    assert len(set(LISTS)) == len(LISTS)
