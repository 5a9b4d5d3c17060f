"""A browser for the tests of the dashboard's pages."""

from browser import chromium, playwright

__all__ = ["chromium", "playwright"]
