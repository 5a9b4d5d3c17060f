"""Routes that answer from the catalog: websites, workspaces, metadata."""

from starlette.requests import Request
from starlette.responses import Response

from footfall.model.answer import Pagination, RowsAnswer
from footfall.model.errors import BadRequest
from footfall.model.unit import Payload
from footfall.model.website import Website
from footfall.query.parse.given import parse_page
from footfall.serve.http.api import Api, Call
from footfall.serve.http.reply import success

DEFAULT_WEBSITES = 1000  # clients of this list do not page


class WebsiteRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A website that the token may read."""

    id: str
    domain: str
    name: str
    timezone: str
    currency: str
    logo: str | None
    kpi: str | None
    kpi_color_scheme: str | None
    tracking_id: str
    api_key_prefix: str | None


class MetadataRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A website's settings."""

    domain: str
    timezone: str
    name: str
    logo: str | None
    kpi_color_scheme: str | None
    kpi: str | None
    currency: str


class Organization(Payload, frozen=True, kw_only=True):
    """The organization of a workspace: the workspace itself."""

    id: str
    name: str


class WorkspaceRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """The workspace of a token."""

    id: str
    name: str
    organization: Organization
    permissions: list[str]
    is_default: bool
    current: bool


class Lists:
    """The catalog's routes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def websites(self, request: Request) -> Response:
        """The token's websites, by domain."""
        call = self._api.admit(request, "read")
        return success(request, self._page_of_websites(call))

    async def workspaces(self, request: Request) -> Response:
        """The workspace of a workspace token."""
        call = self._api.admit(request, "read")
        if call.token.website_id is not None:
            raise BadRequest("A website's token has no workspaces: use one that begins flow_ws_")
        rows = [
            WorkspaceRow(
                id=workspace.id,
                name=workspace.name,
                organization=Organization(id=workspace.id, name=workspace.name),
                permissions=sorted(call.token.scopes),
                is_default=workspace.id == "default",
                current=True,
            )
            for workspace in self._api.registry.workspaces()
            if workspace.id == call.token.workspace_id
        ]
        page = Pagination(100, 0, len(rows))
        return success(request, RowsAnswer(data=rows, pagination=page))

    async def metadata(self, request: Request) -> Response:
        """One website's settings."""
        call = self._api.admit(request, "read")
        row = _metadata(self._api.website(call))
        return success(request, RowsAnswer(data=[row]))

    def _page_of_websites(self, call: Call) -> RowsAnswer[WebsiteRow]:
        if call.token.website_id is None:
            websites = tuple(
                website
                for website in self._api.registry.websites()
                if website.workspace_id == call.token.workspace_id
            )
        else:
            websites = (self._api.website(call),)
        page = parse_page(call.params, DEFAULT_WEBSITES)
        shown = websites[page.offset : page.offset + page.limit]
        pagination = Pagination(page.limit, page.offset, len(websites))
        rows = [self._row(website) for website in shown]
        return RowsAnswer(data=rows, pagination=pagination)

    def _row(self, website: Website) -> WebsiteRow:
        return WebsiteRow(
            id=website.public_id,
            domain=website.domain,
            name=website.name,
            timezone=website.timezone,
            currency=website.currency,
            logo=website.logo,
            kpi=website.kpi,
            kpi_color_scheme=website.kpi_color_scheme,
            tracking_id=website.tracking_id,
            api_key_prefix=self._api.registry.key_prefix(website.id),
        )


def _metadata(website: Website) -> MetadataRow:
    return MetadataRow(
        domain=website.domain,
        timezone=website.timezone,
        name=website.name,
        logo=website.logo,
        kpi_color_scheme=website.kpi_color_scheme,
        kpi=website.kpi,
        currency=website.currency,
    )
