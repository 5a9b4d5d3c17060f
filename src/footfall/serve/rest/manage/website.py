"""Websites of a workspace and their settings."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from footfall.catalog import website as websites
from footfall.catalog.saved import GoalSetting
from footfall.model.errors import BadRequest
from footfall.model.event import GOAL_NAME
from footfall.model.text import one_line
from footfall.model.unit import Count, Payload
from footfall.model.website import Exclusions, Website
from footfall.serve.deletions import DeleteRequest
from footfall.serve.rest.manage.call import Asked, Body, ManageCall
from footfall.serve.rest.manage.member import Removed

MAX_LABEL = 100
_Text = Annotated[str, Meta(max_length=2048)]
_Some = Annotated[list[_Text], Meta(max_length=websites.MAX_EXCLUSIONS)]
_AS_IN_BODY = {
    "allow_hostname": "allowedHostnames",
    "exclude_address": "addresses",
    "exclude_country": "countries",
    "exclude_hostname": "hostnames",
    "exclude_path": "paths",
    "exclude_referrer": "referrers",
    "kpi_color_scheme": "kpiColorScheme",
    "retain_days": "retainDays",
    "return_hostname": "returnHostnames",
}
"""What the catalog's errors call a setting → what the bodies of this API call it."""


class WebsiteBody(Body, frozen=True, kw_only=True):
    """A new website."""

    domain: Annotated[_Text, Meta(description="A host name, without scheme and path")]
    name: _Text | None = None
    timezone: Annotated[_Text, Meta(description="IANA")] = "UTC"
    currency: Annotated[_Text, Meta(description="ISO 4217")] = "USD"
    kpi: Annotated[_Text | None, Meta(description="A goal's name; without it revenue")] = None


class WebsiteChange(Body, frozen=True, kw_only=True):
    """What can be changed of a website. What is left out stays."""

    name: _Text | UnsetType = UNSET
    timezone: _Text | UnsetType = UNSET
    currency: _Text | UnsetType = UNSET
    kpi: _Text | UnsetType | None = UNSET
    kpi_color_scheme: _Text | UnsetType | None = UNSET
    logo: Annotated[_Text | UnsetType | None, Meta(description="An http(s) URL")] = UNSET
    retain_days: Annotated[
        int | UnsetType | None, Meta(description="Older data is removed; null keeps all")
    ] = UNSET
    allowed_hostnames: Annotated[
        _Some | UnsetType, Meta(description="Other hosts that are this website, too")
    ] = UNSET
    return_hostnames: Annotated[
        _Some | UnsetType, Meta(description="Payment and sign-in pages, which are no referrers")
    ] = UNSET


class ExclusionsBody(Body, frozen=True, kw_only=True):
    """Hits that are not counted. These lists replace those before."""

    addresses: _Some = field(default_factory=list)
    paths: _Some = field(default_factory=list)
    hostnames: _Some = field(default_factory=list)
    countries: _Some = field(default_factory=list)
    referrers: _Some = field(default_factory=list)


class ResetBody(Body, frozen=True, kw_only=True):
    """A reset. It has to name the website once more, because it cannot be undone."""

    domain: Annotated[
        _Text | None, Meta(description="The website's domain; only a dry run needs none")
    ] = None
    dry_run: Annotated[bool, Meta(description="Counts, and deletes nothing")] = False


class GoalBody(Body, frozen=True, kw_only=True):
    """How a goal is shown. What is left out stays."""

    label: Annotated[str, Meta(max_length=MAX_LABEL)] | UnsetType | None = UNSET
    hidden: bool | UnsetType = UNSET
    kpi: Annotated[
        bool | UnsetType, Meta(description="Whether it is the website's KPI; false: revenue is")
    ] = UNSET


class SettingsRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """A website's settings."""

    id: str
    domain: str
    name: str
    timezone: str
    currency: str
    tracking_id: str
    kpi: str | None
    kpi_color_scheme: str | None
    logo: str | None
    retain_days: Annotated[Count | None, Meta(description="null keeps all")]
    allowed_hostnames: list[str]
    return_hostnames: list[str]


class ResetRow(Payload, frozen=True, kw_only=True, rename="camel"):
    """What was deleted, or with dryRun would be."""

    events: Count
    sessions: Annotated[Count, Meta(description="Also those of bots")]
    payments: Count
    people: Annotated[Count, Meta(description="Visitors who are known by a name, ID or e-mail")]
    dry_run: bool


class ExclusionsRow(Payload, frozen=True, kw_only=True):
    """Hits that are not counted."""

    addresses: list[str]
    paths: list[str]
    hostnames: list[str]
    countries: list[str]
    referrers: list[str]


class GoalSettingsRow(Payload, frozen=True, kw_only=True):
    """How a goal is shown."""

    name: str
    label: Annotated[str | None, Meta(description="null: the name")]
    hidden: bool
    kpi: bool


async def add_website(asked: Asked) -> SettingsRow:
    body: WebsiteBody = asked.body

    def work() -> Website:
        website = asked.catalog.add_website(
            **msgspec.structs.asdict(body),
            workspace_id=asked.admitted.token.workspace_id,
            now_ms=asked.now,
        )
        asked.audit("add website", website_id=website.id, domain=website.domain)
        asked.api.registry.refresh()
        return website

    return _row(await asked.run(work))


async def read_website(asked: Asked) -> SettingsRow:
    return _row(asked.website_at("id"))


async def change_website(asked: Asked) -> SettingsRow:
    website = asked.website_at("id")
    changes = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in msgspec.structs.asdict(asked.body).items()
        if value is not UNSET
    }
    return _row(await asked.run(lambda: _change(asked, website, changes)))


async def remove_website(asked: Asked) -> Removed:
    website = asked.website_at("id")

    def work() -> None:
        asked.catalog.remove_website(website.id, now_ms=asked.now)
        asked.audit("remove website", domain=website.domain)
        asked.api.registry.refresh()

    await asked.run(work)
    return Removed(id=website.public_id)


async def reset_website(asked: Asked) -> ResetRow:
    website, body = asked.website_at("id"), asked.body
    if not body.dry_run and body.domain != website.domain:
        raise BadRequest(
            f"domain: repeat {website.domain} here to delete all of its data, or set dryRun",
            field="domain",
        )
    request = DeleteRequest(
        website=website, token=asked.admitted.token, filters={}, is_dry=body.dry_run
    )
    found = await asked.parts.deletions.website(request)
    return ResetRow(**msgspec.structs.asdict(found), dry_run=body.dry_run)


async def read_exclusions(asked: Asked) -> ExclusionsRow:
    return _exclusions_row(asked.website_at("id").exclusions)


async def set_exclusions(asked: Asked) -> ExclusionsRow:
    website = asked.website_at("id")
    given = {name: tuple(value) for name, value in msgspec.structs.asdict(asked.body).items()}
    changes = {"exclusions": Exclusions(**given)}
    changed = await asked.run(lambda: _change(asked, website, changes))
    return _exclusions_row(changed.exclusions)


async def list_goal_settings(asked: Asked) -> list[GoalSettingsRow]:
    website = asked.website_at("id")
    found = await asked.run(lambda: asked.catalog.saved.goal_settings(website.id))
    known = [each.name for each in found]
    if website.kpi and website.kpi not in known:
        found.append(_no_setting(website, website.kpi))
    return [_goal_row(website, each) for each in found]


async def set_goal(asked: Asked) -> GoalSettingsRow:
    body: GoalBody = asked.body
    website, name = asked.website(), asked.path("name")
    if not GOAL_NAME.fullmatch(name):
        raise BadRequest("name: a goal's name is at most 64 of a-z, 0-9, _ and -", field="name")
    changes: dict[str, object] = {}
    if body.label is not UNSET:
        changes["label"] = one_line(body.label or "").strip()
    if body.hidden is not UNSET:
        changes["is_hidden"] = body.hidden

    def work() -> GoalSettingsRow:
        setting = asked.catalog.saved.change_goal(website.id, name, changes)
        changed = website
        if body.kpi is not UNSET and body.kpi != (website.kpi == name):
            changed = _change(asked, website, {"kpi": name if body.kpi else None})
        asked.audit("change goal", website_id=website.id, name=name)
        return _goal_row(changed, setting)

    return await asked.run(work)


def _change(asked: Asked, website: Website, changes: dict[str, Any]) -> Website:
    try:
        changed = asked.catalog.update_website(website.id, **changes)
    except BadRequest as error:
        field = _AS_IN_BODY.get(error.field, error.field)
        message = field + error.message.removeprefix(error.field)
        raise BadRequest(message, field=field) from error
    if changes:
        fields = ", ".join(changes)
        asked.audit("change website", website_id=website.id, fields=fields)
        asked.api.registry.refresh()
    return changed


def _no_setting(website: Website, name: str) -> GoalSetting:
    return GoalSetting(website_id=website.id, name=name, label="", is_hidden=False)


def _goal_row(website: Website, setting: GoalSetting) -> GoalSettingsRow:
    return GoalSettingsRow(
        name=setting.name,
        label=setting.label or None,
        hidden=setting.is_hidden,
        kpi=website.kpi == setting.name,
    )


def _row(website: Website) -> SettingsRow:
    return SettingsRow(
        id=website.public_id,
        domain=website.domain,
        name=website.name,
        timezone=website.timezone,
        currency=website.currency,
        tracking_id=website.tracking_id,
        kpi=website.kpi,
        kpi_color_scheme=website.kpi_color_scheme,
        logo=website.logo,
        retain_days=website.retain_days,
        allowed_hostnames=list(website.allowed_hostnames),
        return_hostnames=list(website.return_hostnames),
    )


def _exclusions_row(exclusions: Exclusions) -> ExclusionsRow:
    return ExclusionsRow(
        **{name: list(value) for name, value in msgspec.structs.asdict(exclusions).items()}
    )


WEBSITE_CALLS = (
    ManageCall(
        method="POST",
        path="/websites",
        name="add_website",
        summary="Add a website to the workspace",
        handler=add_website,
        body=WebsiteBody,
        answer=SettingsRow,
        who="admin",
        failures=("409",),
    ),
    ManageCall(
        method="GET",
        path="/websites/{id}",
        name="read_website",
        summary="A website's settings",
        handler=read_website,
        answer=SettingsRow,
        who="viewer",
        scope="read",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="PATCH",
        path="/websites/{id}",
        name="change_website",
        summary="Change a website's settings",
        handler=change_website,
        body=WebsiteChange,
        answer=SettingsRow,
        who="admin",
        is_of_website=True,
        failures=("404", "409"),
    ),
    ManageCall(
        method="DELETE",
        path="/websites/{id}",
        name="remove_website",
        summary="Remove a website for good, with all of its data, tokens and share links",
        handler=remove_website,
        answer=Removed,
        who="admin",
        failures=("404",),
    ),
    ManageCall(
        method="POST",
        path="/websites/{id}/reset",
        name="reset_website",
        summary="Delete everything that a website has received; its settings stay",
        handler=reset_website,
        body=ResetBody,
        answer=ResetRow,
        who="admin",
        failures=("404", "409", "503"),
    ),
    ManageCall(
        method="GET",
        path="/websites/{id}/exclusions",
        name="read_exclusions",
        summary="Hits of a website that are not counted",
        handler=read_exclusions,
        answer=ExclusionsRow,
        who="admin",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="PUT",
        path="/websites/{id}/exclusions",
        name="set_exclusions",
        summary="Replace the lists of hits that are not counted",
        handler=set_exclusions,
        body=ExclusionsBody,
        answer=ExclusionsRow,
        who="admin",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="GET",
        path="/websites/{id}/goals",
        name="list_goal_settings",
        summary="The goals that have a label, are hidden or are the KPI",
        handler=list_goal_settings,
        answer=GoalSettingsRow,
        is_list=True,
        who="viewer",
        scope="read",
        is_of_website=True,
        failures=("404",),
    ),
    ManageCall(
        method="PUT",
        path="/goals/{name}",
        name="set_goal",
        summary="A goal's label, whether it is hidden, and whether it is the KPI",
        handler=set_goal,
        body=GoalBody,
        answer=GoalSettingsRow,
        who="admin",
        is_of_website=True,
        parameters=("websiteId", "domain"),
        failures=("409",),
    ),
)
