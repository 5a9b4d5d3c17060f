"""The questions of one dashboard, as they go over HTTP."""

from concurrent.futures import ThreadPoolExecutor

from bench.case import DASHBOARD_LISTS
from bench.server import Server

PANELS = len(DASHBOARD_LISTS) + 4
_AT_ONCE = 2  # cores of the machine that the aims are for

_QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/overview", {}),
    ("/timeseries", {"interval": "day"}),
    ("/breakdown", {"dimension": ",".join(DASHBOARD_LISTS)}),
    ("/pages", {}),
    ("/goals", {}),
)


def ask_panels(server: Server, period: dict[str, str], *, at_once: int = _AT_ONCE) -> None:
    """Ask for all panels of a period; the answers are thrown away."""
    with ThreadPoolExecutor(at_once) as pool:
        for answer in [
            pool.submit(server.get, path, **period, **params) for path, params in _QUESTIONS
        ]:
            answer.result()
