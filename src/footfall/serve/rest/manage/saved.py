"""Segments, funnels, flows and annotations: one's own, or everybody's."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from footfall.catalog.saved import SavedKind, SavedThing
from footfall.model.errors import BadRequest, Forbidden
from footfall.model.period import parse_period, write_moment
from footfall.model.text import one_line
from footfall.model.unit import Moment, Payload
from footfall.model.website import Website
from footfall.query.parse.asked import asked_of_report
from footfall.query.parse.flow import FLOW_PARAMS, parse_flow
from footfall.query.parse.funnel import FUNNEL_PARAMS, parse_funnel
from footfall.serve.http.access import RANKS
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.member import Removed
from footfall.serve.rest.manage.share import FilterBody, FilterRow, filters_of

_Name = Annotated[str, Meta(min_length=1, max_length=200)]
_Filters = Annotated[list[FilterBody], Meta(min_length=1, max_length=20)]
_Parameters = Annotated[
    dict[str, Annotated[str, Meta(max_length=16_384)]],
    Meta(max_length=30, description="Of GET /{}, without website, dates and filters"),
]
_PERSONAL = Meta(description="Only for the own account; otherwise for everybody, by an admin")


class SegmentBody(Body, frozen=True, kw_only=True):
    """Filters under a name."""

    name: _Name
    filters: _Filters
    personal: Annotated[bool, _PERSONAL] = True


class SegmentChange(Body, frozen=True, kw_only=True):
    """What can be changed of a segment. What is left out stays."""

    name: _Name | UnsetType = UNSET
    filters: _Filters | UnsetType = UNSET
    personal: bool | UnsetType = UNSET


class PathBody(Body, frozen=True, kw_only=True):
    """A funnel or a flow under a name."""

    name: _Name
    parameters: _Parameters
    personal: Annotated[bool, _PERSONAL] = True


class PathChange(Body, frozen=True, kw_only=True):
    """What can be changed of a funnel or a flow. What is left out stays."""

    name: _Name | UnsetType = UNSET
    parameters: _Parameters | UnsetType = UNSET
    personal: bool | UnsetType = UNSET


class AnnotationBody(Body, frozen=True, kw_only=True):
    """A note on the chart."""

    name: Annotated[_Name, Meta(description="The note's text")]
    at: Annotated[str, Meta(max_length=64, description="An ISO 8601 date, or date and time")]
    personal: Annotated[bool, _PERSONAL] = True


class AnnotationChange(Body, frozen=True, kw_only=True):
    """What can be changed of a note. What is left out stays."""

    name: _Name | UnsetType = UNSET
    at: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    personal: bool | UnsetType = UNSET


class SavedRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """Something that was saved about a website."""

    id: str
    name: str
    personal: Annotated[bool, Meta(description="Only the own account sees it")]
    created_at: Moment
    updated_at: Moment


class SegmentRow(SavedRow, frozen=True, kw_only=True, rename="camel"):
    """Filters under a name."""

    filters: list[FilterRow]


class SavedFunnelRow(SavedRow, frozen=True, kw_only=True, rename="camel"):
    """A funnel under a name."""

    parameters: dict[str, str]


class SavedFlowRow(SavedRow, frozen=True, kw_only=True, rename="camel"):
    """A flow under a name."""

    parameters: dict[str, str]


class AnnotationRow(SavedRow, frozen=True, kw_only=True, rename="camel"):
    """A note on the chart."""

    at: Annotated[str, Meta(description="An ISO 8601 date, or date and time, as it was given")]


Check = Callable[[Any, Website, int], Any]
"""From a field's value, the website and the time (ms): what is stored. Raises BadRequest."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of saved things: its words and how its content is checked."""

    name: SavedKind
    path: str
    field: str  # which contains the content
    check: Check
    body: Any
    change: Any
    row: Any
    summary: str


def _segment(given: list[FilterBody], _website: Website, _now_ms: int) -> object:
    return filters_of(given)


def _path(
    known: tuple[str, ...],
    parse: Callable[..., object],
    given: dict[str, str],
    website: Website,
    now_ms: int,
) -> object:
    """Parameters of a report, checked by the report's own parser."""
    unknown = min(set(given) - set(known), default=None)
    if unknown is not None:
        raise BadRequest(
            f"parameters: {unknown[:64]} is not one; these are: {', '.join(known)}",
            field="parameters",
        )
    try:
        parse(list(given.items()), asked_of_report([], website, now_ms))
    except BadRequest as error:
        raise BadRequest(f"parameters: {error.message}", field="parameters") from None
    return given


def _moment(given: str, website: Website, _now_ms: int) -> object:
    parse_period(given, None, website.timezone, ("at", "at"))
    return given


KINDS: Mapping[SavedKind, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="segment",
            path="/segments",
            field="filters",
            check=_segment,
            body=SegmentBody,
            change=SegmentChange,
            row=SegmentRow,
            summary="segments: filters under a name",
        ),
        Kind(
            name="funnel",
            path="/funnels",
            field="parameters",
            check=partial(_path, FUNNEL_PARAMS, parse_funnel),
            body=PathBody,
            change=PathChange,
            row=SavedFunnelRow,
            summary="saved funnels",
        ),
        Kind(
            name="flow",
            path="/flows",
            field="parameters",
            check=partial(_path, FLOW_PARAMS, parse_flow),
            body=PathBody,
            change=PathChange,
            row=SavedFlowRow,
            summary="saved flows",
        ),
        Kind(
            name="annotation",
            path="/annotations",
            field="at",
            check=_moment,
            body=AnnotationBody,
            change=AnnotationChange,
            row=AnnotationRow,
            summary="notes on the chart",
        ),
    )
}


async def list_saved(kind: Kind, asked: Asked) -> list[SavedRow]:
    website_id, user_id = asked.website().id, _user_id(asked)
    found = await asked.run(lambda: asked.catalog.saved.visible(website_id, kind.name, user_id))
    return [_row(kind, thing) for thing in found]


async def add_saved(kind: Kind, asked: Asked) -> SavedRow:
    body, website = asked.body, asked.website()
    owner = _owner(asked, is_personal=body.personal)
    content = kind.check(getattr(body, kind.field), website, asked.now)

    def work() -> SavedThing:
        thing = asked.catalog.saved.add(
            website.id,
            kind.name,
            owner,
            _name(body.name),
            msgspec.json.encode(content).decode(),
            now_ms=asked.now,
        )
        _audit(asked, f"add {kind.name}", thing)
        return thing

    return _row(kind, await asked.run(work))


async def change_saved(kind: Kind, asked: Asked) -> SavedRow:
    body, website = asked.body, asked.website()
    before = await _find(kind, asked, website)
    changes: dict[str, str | None] = {}
    if body.name is not UNSET:
        changes["name"] = _name(body.name)
    if body.personal is not UNSET:
        changes["user_id"] = _owner(asked, is_personal=body.personal)
    if (given := getattr(body, kind.field)) is not UNSET:
        checked = kind.check(given, website, asked.now)
        changes["content"] = msgspec.json.encode(checked).decode()

    def work() -> SavedThing:
        changed = asked.catalog.saved.change(before, changes, now_ms=asked.now)
        # also what everybody saw until now
        _audit(asked, f"change {kind.name}", before if before.user_id is None else changed)
        return changed

    return _row(kind, await asked.run(work))


async def remove_saved(kind: Kind, asked: Asked) -> Removed:
    thing = await _find(kind, asked, asked.website())

    def work() -> None:
        asked.catalog.saved.remove(thing)
        _audit(asked, f"remove {kind.name}", thing)

    await asked.run(work)
    return Removed(id=thing.id)


async def _find(kind: Kind, asked: Asked, website: Website) -> SavedThing:
    """What the path names, if it may be changed. Raises NotFound, Forbidden."""
    user_id, wanted = _user_id(asked), asked.path("id")
    thing = await asked.run(lambda: asked.catalog.saved.get(website.id, kind.name, wanted, user_id))
    if thing.user_id is None:
        _check_may_share(asked)
    return thing


def _user_id(asked: Asked) -> str | None:
    signed_in = asked.admitted.signed_in
    return signed_in.member.user.id if signed_in else None


def _owner(asked: Asked, *, is_personal: bool) -> str | None:
    """Whose it will be. Raises BadRequest for a token, Forbidden for a viewer."""
    if not is_personal:
        _check_may_share(asked)
        return None
    user_id = _user_id(asked)
    if user_id is None:
        raise BadRequest("personal must be false: a token has no account", field="personal")
    return user_id


def _check_may_share(asked: Asked) -> None:
    """Raise Forbidden unless the caller may change what is everybody's."""
    signed_in = asked.admitted.signed_in
    if signed_in is not None:
        if RANKS.index(signed_in.member.role) < RANKS.index("admin"):
            raise Forbidden("What everybody sees is changed by admins: save one of your own")
    elif "write" not in asked.admitted.token.scopes:
        raise Forbidden("This token lacks the scope 'write'")


def _audit(asked: Asked, action: str, thing: SavedThing) -> None:
    if thing.user_id is None:  # what members keep for themselves is nobody else's business
        asked.audit(action, website_id=thing.website_id, id=thing.id)


def _name(name: str) -> str:
    text = one_line(name).strip()
    if not text:
        raise BadRequest("name must not be empty", field="name")
    return text


def _row(kind: Kind, thing: SavedThing) -> SavedRow:
    content: dict[str, object] = {kind.field: msgspec.json.decode(thing.content)}
    row: SavedRow = msgspec.convert(
        {
            "id": thing.id,
            "name": thing.name,
            "personal": thing.user_id is not None,
            "createdAt": write_moment(thing.created_at),
            "updatedAt": write_moment(thing.updated_at),
            **content,
        },
        kind.row,
    )
    return row


def _calls(kind: Kind) -> tuple[ManageCall, ...]:
    shared: dict[str, Any] = {
        "who": "viewer",
        "scope": "read",
        "is_of_website": True,
        "parameters": ("websiteId", "domain"),
        "answer": kind.row,
    }
    one = f"{kind.path}/{{id}}"
    return (
        ManageCall(
            method="GET",
            path=kind.path,
            name=f"list_{kind.name}s",
            summary=f"A website's {kind.summary}; everybody's and one's own, by name",
            handler=partial(list_saved, kind),
            is_list=True,
            **shared,
        ),
        ManageCall(
            method="POST",
            path=kind.path,
            name=f"add_{kind.name}",
            summary=f"Save one of a website's {kind.summary}",
            handler=partial(add_saved, kind),
            body=kind.body,
            failures=("409",),
            **shared,
        ),
        ManageCall(
            method="PATCH",
            path=one,
            name=f"change_{kind.name}",
            summary=f"Change one of a website's {kind.summary}",
            handler=partial(change_saved, kind),
            body=kind.change,
            failures=("404", "409"),
            **shared,
        ),
        ManageCall(
            method="DELETE",
            path=one,
            name=f"remove_{kind.name}",
            summary=f"Delete one of a website's {kind.summary}",
            handler=partial(remove_saved, kind),
            failures=("404",),
            **{**shared, "answer": Removed},
        ),
    )


SAVED_CALLS = tuple(call for kind in KINDS.values() for call in _calls(kind))
