"""Pictures of answers in a terminal: a module for each kind."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.text import Text

from footfall.cli.picture.flow import draw_flow
from footfall.cli.picture.funnel import draw_funnel
from footfall.cli.picture.lists import draw_lists
from footfall.cli.picture.overview import draw_overview
from footfall.cli.picture.page import Page, printed, unconverted
from footfall.cli.picture.people import draw_visitor, draw_visitors
from footfall.cli.picture.realtime import draw_map, draw_realtime
from footfall.cli.picture.retention import draw_retention
from footfall.cli.picture.timeseries import draw_timeseries
from footfall.cli.picture.website import draw_metadata, draw_websites

Draw = Callable[[Page, Mapping[str, Any]], Iterator[Text]]

_OWN: Mapping[str, Draw] = {
    "overview": draw_overview,
    "timeseries": draw_timeseries,
    "realtime": draw_realtime,
    "realtime-map": draw_map,
    "flow": draw_flow,
    "funnel": draw_funnel,
    "retention": draw_retention,
    "visitors": draw_visitors,
    "visitor": draw_visitor,
    "websites": draw_websites,
    "metadata": draw_metadata,
}
"""Reports whose picture is not a list."""


def picture(page: Page, body: Mapping[str, Any]) -> str:
    """The text of an answer, whose texts are clean, as wide as the page."""
    draw = _OWN.get(page.name, draw_lists)
    lines = [*page.heading(), *draw(page, body), *unconverted(body)]
    return printed(lines, page.width)
