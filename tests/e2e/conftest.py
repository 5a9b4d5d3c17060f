"""A browser and a website of pages for the tests that visit."""

from collections.abc import Iterator

import pytest
from browser import RecordingSite, chromium, playwright, serve_site, tab, visit

__all__ = ["chromium", "playwright", "site", "tab", "visit"]


@pytest.fixture
def site() -> Iterator[RecordingSite]:
    with serve_site() as site:
        yield site
