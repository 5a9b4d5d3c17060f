"""Share links: making them, and opening them without an account."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType, field

from footfall.catalog import website as websites
from footfall.catalog.password import check_password
from footfall.catalog.sign_in import DAY_MS
from footfall.model.errors import BadRequest, NotFound, Unauthorized
from footfall.model.period import parse_period, write_moment
from footfall.model.share import SHARE_PAGES, ShareFilter, ShareLink, SharePage
from footfall.model.text import one_line
from footfall.model.unit import Day, Moment, Payload
from footfall.model.website import Website
from footfall.query.parse.asked import parse_filters
from footfall.serve.rest.manage.account import AccountWebsite
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.current import Password
from footfall.serve.rest.manage.member import Removed
from footfall.serve.rest.manage.token import Days

MAX_NAME = 100
MAX_FILTERS = 20
_Name = Annotated[str, Meta(max_length=MAX_NAME)]
_Pages = Annotated[list[SharePage], Meta(min_length=1, max_length=len(SHARE_PAGES))]
_Hosts = Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=20)]


class FilterBody(Body, frozen=True, kw_only=True):
    """A filter on sessions."""

    dimension: Annotated[str, Meta(max_length=64, description="As in `filter_…`, without that")]
    value: Annotated[str, Meta(max_length=2048, description="In the grammar of `filter_…`")]


_Filters = Annotated[list[FilterBody], Meta(max_length=MAX_FILTERS)]


class ShareChange(Body, frozen=True, kw_only=True):
    """What can be changed of a share link. What is left out stays."""

    name: _Name | UnsetType = UNSET
    filters: _Filters | UnsetType = UNSET
    pages: _Pages | UnsetType = UNSET
    oldest: Annotated[
        str | UnsetType | None,
        Meta(description="The first day that it shows, in the website's zone; null: all"),
    ] = UNSET
    password: Annotated[
        Password | UnsetType | None, Meta(description="10 to 256 characters; null: none")
    ] = UNSET
    expires_in_days: Days | UnsetType | None = UNSET
    hosts: Annotated[
        _Hosts | UnsetType, Meta(description="Whose pages may embed it, as in www.example.com")
    ] = UNSET


class ShareBody(ShareChange, frozen=True, kw_only=True):
    """A new share link of the website that the address names."""

    name: _Name = ""
    filters: _Filters = field(default_factory=list)
    pages: _Pages = field(default_factory=lambda: ["overview"])
    oldest: str | None = None
    password: Password | None = None
    expires_in_days: Days | None = None
    hosts: _Hosts = field(default_factory=list)


class OpenBody(Body, frozen=True, kw_only=True):
    """The password of a share link, if it has one."""

    password: Password | None = None


class FilterRow(Payload, frozen=True, kw_only=True):
    """A filter on sessions."""

    dimension: str
    value: str


class ShareRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A share link."""

    id: str
    website_id: str
    name: str
    filters: list[FilterRow]
    pages: list[SharePage]
    oldest: Day | None
    has_password: bool
    hosts: list[str]
    created_at: Moment
    expires_at: Moment | None
    path: Annotated[str, Meta(description="Of the link")]
    url: Annotated[
        str | None, Meta(description="The link, where the server's own address is known for sure")
    ] = None
    token: Annotated[
        str | None, Meta(description="A token for its reports; shown when the link is made")
    ] = None


class OpenedShare(Payload, frozen=True, kw_only=True, rename="camel"):
    """A share link that is open: send `token` as a bearer token with its reports."""

    name: str
    token: str
    website: AccountWebsite
    filters: list[FilterRow]
    pages: list[SharePage]
    oldest: Day | None
    expires_at: Moment | None


async def list_shares(asked: Asked) -> list[ShareRow]:
    ids = [each.id for each in _websites(asked)]
    found = await asked.run(lambda: asked.catalog.shares.of_websites(ids))
    return [_row(asked, each) for each in found]


async def add_share(asked: Asked) -> ShareRow:
    website = asked.website()
    values = _checked(asked, asked.body, website)
    _check_live(values["pages"], values["filters"])

    def work() -> tuple[ShareLink, str | None]:
        share = asked.catalog.shares.add(website.id, values, now_ms=asked.now)
        asked.audit("add share link", website_id=website.id, share=share.id)
        return share, asked.catalog.shares.open(share, values["password"] or "")

    share, token = await asked.parts.hashing(work)
    return _row(asked, share, token)


async def change_share(asked: Asked) -> ShareRow:
    share = await _find(asked)
    website = asked.website_of(share.website_id)
    values = _checked(asked, asked.body, website)
    _check_live(values.get("pages", share.pages), values.get("filters", share.filters))

    def work() -> ShareLink:
        changed = asked.catalog.shares.change(share.website_id, share.id, values)
        fields = ", ".join(values)
        asked.audit("change share link", website_id=website.id, share=share.id, fields=fields)
        return changed

    return _row(asked, await asked.parts.hashing(work))


async def remove_share(asked: Asked) -> Removed:
    share = await _find(asked)

    def work() -> None:
        asked.catalog.shares.remove(share.website_id, share.id)
        asked.audit("remove share link", website_id=share.website_id, share=share.id)

    await asked.run(work)
    return Removed(id=share.id)


async def open_share(asked: Asked) -> OpenedShare:
    body: OpenBody = asked.body
    shares, slug = asked.catalog.shares, asked.path("slug")
    share = await asked.run(lambda: shares.find(slug, asked.now))
    if share is None:
        raise NotFound("This share link is not valid: it was withdrawn or has expired")
    was_opened = body.password is None and await asked.run(lambda: _was_opened(asked, share))
    if was_opened or not share.has_password:
        token = await asked.run(lambda: shares.token(share))
        # nothing was guessed, so this may be repeated
        asked.parts.by_address.take_back(asked.parts.address_key(asked.request))
    else:
        token = await _open_by_password(asked, share, body.password)
    asked.cookies.append(asked.api.browsers.set_share_cookie(asked.request, token))
    website = asked.website_of(share.website_id)
    return OpenedShare(
        name=share.name,
        token=token,
        website=AccountWebsite(
            id=website.public_id,
            domain=website.domain,
            name=website.name,
            timezone=website.timezone,
            currency=website.currency,
            kpi=website.kpi,
        ),
        filters=_filter_rows(share),
        pages=list(share.pages),
        oldest=share.oldest or None,
        expires_at=None if share.expires_at is None else write_moment(share.expires_at),
    )


def _was_opened(asked: Asked, share: ShareLink) -> bool:
    """Whether this browser has opened it before: a page that is loaded again needs no password."""
    with suppress(Unauthorized):  # the link before has ended, or this one has changed since
        found = asked.api.browsers.find_share(asked.request)
        return found is not None and found.id == share.id
    return False


async def _open_by_password(asked: Asked, share: ShareLink, password: str | None) -> str:
    """The token. Raises Unauthorized, TooManyRequests after too many guesses."""
    if password is None:
        raise Unauthorized("This share link has a password", field="password")
    asked.parts.by_account.count(share.id)
    token = await asked.parts.hashing(lambda: asked.catalog.shares.open(share, password))
    if token is None:
        raise Unauthorized("The password is wrong", field="password")
    # an opened link was no guess: many people may open it, also behind one address
    asked.parts.by_account.take_back(share.id)
    return token


def filters_of(given: list[FilterBody]) -> list[ShareFilter]:
    """Raises BadRequest naming the wrong one."""
    filters = [ShareFilter(each.dimension, each.value) for each in given]
    try:
        parse_filters([(f"filter_{each.dimension}", each.value) for each in filters])
    except BadRequest as error:
        raise BadRequest(f"filters: {error.message}", field="filters") from None
    return filters


def _checked(asked: Asked, body: ShareChange, website: Website) -> dict[str, Any]:
    """What the catalog stores. Raises BadRequest naming the field."""
    given = {
        name: value
        for name in body.__struct_fields__
        if (value := getattr(body, name)) is not UNSET
    }
    if "name" in given:
        given["name"] = one_line(given["name"]).strip()
    if "filters" in given:
        given["filters"] = filters_of(given["filters"])
    if "pages" in given:
        given["pages"] = [page for page in SHARE_PAGES if page in given["pages"]]
    if "oldest" in given:
        given["oldest"] = _day(given["oldest"], website)
    if given.get("password") is not None:
        check_password(given["password"])
    elif "password" in given:
        given["password"] = ""
    if "expires_in_days" in given:
        days = given.pop("expires_in_days")
        given["expires_at"] = days and asked.now + days * DAY_MS
    if "hosts" in given:
        given["hosts"] = list(websites.check_hosts("hosts", tuple(given["hosts"])))
    return given


def _check_live(pages: Sequence[SharePage], filters: Sequence[ShareFilter]) -> None:
    """Raise BadRequest for the one page that takes no filters."""
    if "live" in pages and filters:
        raise BadRequest(
            "pages: live cannot be filtered; leave it out, or the filters", field="pages"
        )


def _day(text: str | None, website: Website) -> str:
    """Raises BadRequest."""
    if text is None:
        return ""
    day = parse_period(text, None, website.timezone, ("oldest", "oldest")).first_day
    if day is None:
        raise BadRequest(f"oldest {text[:64]!r} is not a date; write 2026-01-31", field="oldest")
    return day.isoformat()


async def _find(asked: Asked) -> ShareLink:
    """The share that the path names. Raises NotFound, also for one of another workspace."""
    for share in await asked.run(
        lambda: asked.catalog.shares.of_websites([each.id for each in _websites(asked)])
    ):
        if share.id == asked.path("id"):
            return share
    raise NotFound(f"there is no share {asked.path('id')[:64]!r}", field="id")


def _websites(asked: Asked) -> list[Website]:
    workspace_id = asked.admitted.token.workspace_id
    return [each for each in asked.api.registry.websites() if each.workspace_id == workspace_id]


def _row(asked: Asked, share: ShareLink, token: str | None = None) -> ShareRow:
    path = f"/share/{share.slug}"
    return ShareRow(
        id=share.id,
        website_id=f"{share.website_id:08x}",
        name=share.name,
        filters=_filter_rows(share),
        pages=list(share.pages),
        oldest=share.oldest or None,
        has_password=share.has_password,
        hosts=list(share.hosts),
        created_at=write_moment(share.created_at),
        expires_at=None if share.expires_at is None else write_moment(share.expires_at),
        path=path,
        url=asked.api.browsers.link(asked.request, path),
        token=token,
    )


def _filter_rows(share: ShareLink) -> list[FilterRow]:
    return [FilterRow(dimension=each.dimension, value=each.value) for each in share.filters]


SHARE_CALLS = (
    ManageCall(
        method="GET",
        path="/shares",
        name="list_shares",
        summary="The share links of the workspace's websites, the newest first",
        handler=list_shares,
        answer=ShareRow,
        is_list=True,
        who="admin",
    ),
    ManageCall(
        method="POST",
        path="/shares",
        name="add_share",
        summary="Make a link that shows pages of a website, with filters that cannot be removed",
        handler=add_share,
        body=ShareBody,
        answer=ShareRow,
        who="admin",
        parameters=("websiteId", "domain"),
    ),
    ManageCall(
        method="PATCH",
        path="/shares/{id}",
        name="change_share",
        summary="Change a share link. A new password ends what was opened with the one before",
        handler=change_share,
        body=ShareChange,
        answer=ShareRow,
        who="admin",
        failures=("404",),
    ),
    ManageCall(
        method="DELETE",
        path="/shares/{id}",
        name="remove_share",
        summary="Withdraw a share link",
        handler=remove_share,
        answer=Removed,
        who="admin",
        failures=("404",),
    ),
    ManageCall(
        method="POST",
        path="/shares/{slug}/open",
        name="open_share",
        summary="Open a share link: the answer has a token for its reports",
        handler=open_share,
        body=OpenBody,
        answer=OpenedShare,
        who="anonymous",
        failures=("401", "403", "404"),
    ),
)
