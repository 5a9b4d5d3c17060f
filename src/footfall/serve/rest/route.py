"""The table of report routes. Handlers, OpenAPI and llms.txt derive from it."""

import msgspec

from footfall.model.dimension import DIMENSIONS, PATH_OF
from footfall.query.ask import REPORTS
from footfall.store.engine import Lane

PERIOD = ("startAt", "endAt", "timezone")
PAGE = ("limit", "offset")
COMPARE = ("compare", "match")
SELECTOR = ("websiteId", "domain")


class ReportRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One GET that answers a report. `parameters` are names in `openapi.PARAMETERS`."""

    path: str
    report: str
    summary: str
    dimension: str = ""  # set: the route lists this dimension, whatever the query says
    parameters: tuple[str, ...] = ()
    has_filters: bool = True
    lane: Lane = "reports"

    @property
    def fixed(self) -> dict[str, str]:
        """Parameters that this route gives."""
        return {"dimension": self.dimension} if self.dimension else {}


def _list(kind: str, *further: str) -> tuple[str, ...]:
    """The parameters of a list; `kind` says which numbers its rows can have."""
    own = (f"{kind}_fields", f"{kind}_sort", "order", *COMPARE)
    return (*PERIOD, *PAGE, "search", *own, "bots", *further)


REPORT_ROUTES: tuple[ReportRoute, ...] = (
    ReportRoute(
        path="/overview",
        report="overview",
        summary=REPORTS["overview"].summary,
        parameters=(*PERIOD, "overview_fields", *COMPARE, "parts", "bots"),
    ),
    ReportRoute(
        path="/timeseries",
        report="timeseries",
        summary=REPORTS["timeseries"].summary,
        parameters=("interval", *PERIOD, "timeseries_fields", *COMPARE, "bots"),
    ),
    ReportRoute(
        path="/realtime",
        report="realtime",
        summary=REPORTS["realtime"].summary,
        parameters=("minutes", "payments", "bots"),
        has_filters=False,
        lane="live",
    ),
    ReportRoute(
        path="/realtime/map",
        report="realtime_map",
        summary=REPORTS["realtime_map"].summary,
        parameters=("bots",),
        has_filters=False,
        lane="live",
    ),
    *(
        ReportRoute(
            path=f"/{path}",
            report="breakdown",
            summary=f"{DIMENSIONS[name].label}: {DIMENSIONS[name].rule}",
            dimension=name,
            # A page's revenue is that of the sessions that saw it, by any attribution.
            parameters=_list(
                "list", *(() if DIMENSIONS[name].scope == "event" else ("attribution",))
            ),
        )
        for path, name in PATH_OF.items()
    ),
    ReportRoute(
        path="/goals",
        report="goals",
        summary=REPORTS["goals"].summary,
        parameters=_list("goals"),
    ),
    ReportRoute(
        path="/breakdown",
        report="breakdown",
        summary=REPORTS["breakdown"].summary,
        parameters=("dimension", *_list("breakdown", "attribution")),
    ),
    ReportRoute(
        path="/steps",
        report="steps",
        summary=REPORTS["steps"].summary,
        parameters=(*PERIOD, *PAGE, "search", "bots"),
    ),
)
