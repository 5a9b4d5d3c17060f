"""Routes that answer from the catalog: websites, workspaces, metadata."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.errors import BadRequest
from footfall.model.question import Answer, Pagination, Row
from footfall.model.website import Website
from footfall.query.parse.given import parse_page
from footfall.serve.http.api import Api, Call
from footfall.serve.http.reply import encode_answer, success

METADATA_KEYS = ("domain", "timezone", "name", "logo", "kpiColorScheme", "kpi", "currency")
DEFAULT_WEBSITES = 1000  # clients of this list know of no paging


class Lists:
    """The catalog's routes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def websites(self, request: Request) -> Response:
        """The token's websites, by domain."""
        call = self._api.admit(request, "read")
        return success(request, encode_answer(self._page_of_websites(call)))

    async def workspaces(self, request: Request) -> Response:
        """The workspace of a workspace token."""
        call = self._api.admit(request, "read")
        if call.token.website_id is not None:
            raise BadRequest("A website's token has no workspaces: use one that begins flow_ws_")
        rows: list[Row] = [
            {
                "id": workspace.id,
                "name": workspace.name,
                "organization": {"id": workspace.id, "name": workspace.name},
                "permissions": sorted(call.token.scopes),
                "isDefault": workspace.id == "default",
                "current": True,
            }
            for workspace in self._api.registry.workspaces()
            if workspace.id == call.token.workspace_id
        ]
        return success(request, encode_answer(Answer(rows, Pagination(100, 0, len(rows)))))

    async def metadata(self, request: Request) -> Response:
        """One website's settings."""
        call = self._api.admit(request, "read")
        row = self._row(self._api.website(call))
        return success(request, encode_answer(Answer([{key: row[key] for key in METADATA_KEYS}])))

    def _page_of_websites(self, call: Call) -> Answer:
        if call.token.website_id is None:
            websites = self._api.registry.websites()
        else:
            websites = (self._api.website(call),)
        page = parse_page(call.params, DEFAULT_WEBSITES)
        shown = websites[page.offset : page.offset + page.limit]
        pagination = Pagination(page.limit, page.offset, len(websites))
        return Answer([self._row(website) for website in shown], pagination)

    def _row(self, website: Website) -> Row:
        return {
            "id": website.public_id,
            "domain": website.domain,
            "name": website.name,
            "timezone": website.timezone,
            "currency": website.currency,
            "logo": website.logo,
            "kpi": website.kpi,
            "kpiColorScheme": website.kpi_color_scheme,
            "trackingId": website.tracking_id,
            "apiKeyPrefix": self._api.registry.key_prefix(website.id),
        }
