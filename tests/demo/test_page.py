"""The demo pages that a person clicks through."""

import re

import pytest

from footfall.demo.page import CONTENT_SECURITY_POLICY, demo_file
from footfall.model.website import Website

WEBSITE = Website(
    id=7,
    tracking_id="flid_<demo>",
    domain="demo.example",
    name="Demo",
    timezone="UTC",
    currency="USD",
    created_at=0,
)


def text(path: str) -> str:
    return demo_file(path, WEBSITE, "/t/t.js").body.decode()


@pytest.mark.parametrize("path", ["", "pricing", "templates/planner"])
def test_a_page_carries_the_tracker_and_no_placeholder_is_left(path: str):
    page = text(path)
    assert 'data-fl-website-id="flid_&lt;demo&gt;"' in page
    assert 'src="/t/t.js"' in page
    assert "{{" not in page


@pytest.mark.parametrize("path", ["", "pricing"])
def test_a_page_needs_nothing_from_elsewhere_and_no_inline_code(path: str):
    page = text(path)
    assert "<style" not in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        loaded = address.startswith(("/", "#", "data:"))
        assert loaded or address == "https://example.com/elsewhere"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("style.css", "text/css; charset=utf-8"),
        ("demo.js", "text/javascript; charset=utf-8"),
        ("prices.csv", "text/csv; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
        ("../world.py", "text/html; charset=utf-8"),
    ],
)
def test_only_the_pages_own_files_are_served(path: str, content_type: str):
    assert demo_file(path, WEBSITE).content_type == content_type


def test_every_link_within_the_demo_leads_somewhere():
    for path in ("", "pricing"):
        for name in re.findall(r'(?:src|href|data-go)="/demo/?([^"?#]*)', text(path)):
            assert demo_file(name, WEBSITE).body
