"""A browser for the tests of the dashboard's pages, and patience for a busy machine."""

from browser import WAIT_S, chromium, playwright
from playwright.sync_api import expect

__all__ = ["chromium", "playwright"]

expect.set_options(timeout=WAIT_S * 1000)
