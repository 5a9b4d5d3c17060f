"""The rules of accessibility that a page keeps, as axe checks them."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
_ASK = """tags => axe
    .run(document, { runOnly: tags, resultTypes: ["violations"] })
    .then((all) => all.violations.map((each) =>
        [each.id, each.nodes.map((node) => [node.html, node.failureSummary])]))"""


def violations(tab: Page) -> list[object]:
    """The rules that the page breaks as it is now, each with its elements."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(_script())
    found: list[object] = tab.evaluate(_ASK, _RULES)
    return found


@cache
def _script() -> str:
    return AXE.read_text()
