"""A recording website for each of the tracker's tests, and the browser to visit it with."""

from collections.abc import Iterator

import pytest
from browser import RecordingSite, chromium, playwright, serve_site, tab, visit

__all__ = ["chromium", "playwright", "site", "tab", "visit"]


@pytest.fixture
def site() -> Iterator[RecordingSite]:
    with serve_site() as site:
        yield site
