"""What the tests of commands share."""

from pathlib import Path

import pytest
from new_catalog import open_catalog

from footfall.clock import now_ms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with one website, shop.example."""
    folder = tmp_path / "data"
    catalog = open_catalog(folder)
    catalog.add_website("shop.example", now_ms=now_ms())
    catalog.close()
    return folder
