"""`footfall website`: the websites that are tracked."""

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Confirm
from rich.table import Table

from footfall.cli.folder import AsJson, Data, note_change, open_catalog, print_json
from footfall.clock import now_ms
from footfall.model.errors import BadRequest
from footfall.model.website import KPI_REVENUE, Exclusions, Website

app = App(name="website", help="Add, list, change and remove websites.")
console = Console(highlight=False)
NONE = "none"

Name = Annotated[str | None, Parameter(help="Display name. [default: the domain]")]
Timezone = Annotated[
    str | None, Parameter(help="IANA time zone of its reports, such as Europe/Berlin.")
]
Currency = Annotated[str | None, Parameter(help="Currency of its reports, such as EUR.")]
Kpi = Annotated[str | None, Parameter(help="The goal that matters most, or revenue.")]
Excluded = Annotated[list[str] | None, Parameter(negative=(), consume_multiple=False)]


@app.command
def add(
    domain: str,
    /,
    *,
    name: Name = None,
    timezone: Timezone = None,
    currency: Currency = None,
    kpi: Kpi = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a website, such as example.com, and print the tag for its pages."""
    with open_catalog(data, is_made=True) as catalog:
        website = catalog.add_website(
            domain,
            name=name,
            timezone="UTC" if timezone is None else timezone,
            currency="USD" if currency is None else currency,
            kpi=kpi,
            now_ms=now_ms(),
        )
        note_change(catalog, "add website", website_id=website.id, domain=website.domain)
    if as_json:
        print_json(_public(website))
        return
    console.print(f"[bold]{website.domain}[/] is tracked as {website.tracking_id}.")
    console.print("Put this into the <head> of its pages. Replace HOST with your server's name:")
    console.print(
        f'<script defer data-fl-website-id="{website.tracking_id}"'
        ' src="https://HOST/js/main.js"></script>',
        markup=False,
        soft_wrap=True,
    )


@app.command(name="list")
def list_(*, data: Data = None, as_json: AsJson = False) -> None:
    """List the websites."""
    with open_catalog(data) as catalog:
        websites = catalog.websites()
    if as_json:
        print_json([_public(website) for website in websites])
        return
    if not websites:
        console.print("There is no website yet. Add one: footfall website add example.com")
        return
    table = Table("Domain", "ID", "Tracking ID", "Timezone", "Currency", "KPI", box=None)
    for website in websites:
        table.add_row(
            website.domain,
            website.public_id,
            website.tracking_id,
            website.timezone,
            website.currency,
            website.kpi or KPI_REVENUE,
        )
    console.print(table)


@app.command(name="set")
def set_(
    website: str,
    /,
    *,
    name: Name = None,
    timezone: Timezone = None,
    currency: Currency = None,
    kpi: Kpi = None,
    kpi_color_scheme: Annotated[str | None, Parameter(help="Name of a colour, or none.")] = None,
    logo: Annotated[str | None, Parameter(help="URL of a picture, or none.")] = None,
    exclude_address: Annotated[Excluded, Parameter(help="IP address or network.")] = None,
    exclude_path: Annotated[Excluded, Parameter(help="Path, with * and **.")] = None,
    exclude_hostname: Annotated[Excluded, Parameter(help="Host, with *.")] = None,
    exclude_country: Annotated[Excluded, Parameter(help="Name or code, such as DE.")] = None,
    exclude_referrer: Annotated[Excluded, Parameter(help="Referring host, with *.")] = None,
    allow_hostname: Annotated[Excluded, Parameter(help="Another host of the website.")] = None,
    return_hostname: Annotated[
        Excluded, Parameter(help="Payment or sign-in host that is never a referrer.")
    ] = None,
    retain_days: Annotated[
        str | None, Parameter(help="Days to keep data, or none for ever.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Change a website's settings, and print them.

    Name the website by its domain or ID. Options that you leave out stay as they are. You can
    repeat --exclude-…, --allow-hostname and --return-hostname; together the values replace the old
    list. `none` clears a list: footfall website set example.com --exclude-path none
    """
    changes = _given(
        name=name,
        timezone=timezone,
        currency=currency,
        kpi=kpi,
        kpi_color_scheme=_or_none(kpi_color_scheme),
        logo=_or_none(logo),
        retain_days=_days(retain_days),
        allowed_hostnames=_values("allow_hostname", allow_hostname),
        return_hostnames=_values("return_hostname", return_hostname),
    )
    lists = _given(
        addresses=_values("exclude_address", exclude_address),
        paths=_values("exclude_path", exclude_path),
        hostnames=_values("exclude_hostname", exclude_hostname),
        countries=_values("exclude_country", exclude_country),
        referrers=_values("exclude_referrer", exclude_referrer),
    )
    if not changes and not lists:
        raise BadRequest("no setting was given: see footfall website set --help")
    with open_catalog(data) as catalog:
        found = catalog.find_website(website)
        if lists:
            changes["exclusions"] = _exclusions(found.exclusions, lists)
        changed = catalog.update_website(found.id, **changes)
        note_change(
            catalog, "change website", website_id=found.id, fields=", ".join(sorted(changes))
        )
    if as_json:
        print_json(_settings(changed))
        return
    for key, value in _settings(changed).items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        console.print(f"{key:18} {'-' if shown in (None, '') else shown}", markup=False)


@app.command
def remove(
    website: str,
    /,
    *,
    yes: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Do not ask to confirm.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove a website with its tokens, settings and all recorded data."""
    with open_catalog(data) as catalog:
        found = catalog.find_website(website)
        if not yes and not _is_sure(found):
            console.print("Nothing was removed.")
            sys.exit(1)
        catalog.remove_website(found.id, now_ms=now_ms())
        note_change(catalog, "remove website", domain=found.domain)
    if as_json:
        print_json({"id": found.public_id, "domain": found.domain, "removed": True})
        return
    console.print(
        f"[bold]{found.domain}[/] was removed. The server deletes its rows within a minute,"
        " or when it next starts."
    )


def _is_sure(website: Website) -> bool:
    if not sys.stdin.isatty():
        raise BadRequest("removing a website is permanent: pass --yes when not run interactively")
    return Confirm.ask(f"Remove {website.domain} and all its recorded data permanently?")


def _public(website: Website) -> dict[str, object]:
    return {
        "id": website.public_id,
        "domain": website.domain,
        "trackingId": website.tracking_id,
        "name": website.name,
        "timezone": website.timezone,
        "currency": website.currency,
        "kpi": website.kpi,
    }


def _settings(website: Website) -> dict[str, object]:
    return {
        **_public(website),
        "kpiColorScheme": website.kpi_color_scheme,
        "logo": website.logo,
        "excludeAddress": list(website.exclusions.addresses),
        "excludePath": list(website.exclusions.paths),
        "excludeHostname": list(website.exclusions.hostnames),
        "excludeCountry": list(website.exclusions.countries),
        "excludeReferrer": list(website.exclusions.referrers),
        "allowHostname": list(website.allowed_hostnames),
        "returnHostname": list(website.return_hostnames),
        "retainDays": website.retain_days,
    }


class _Cleared:
    """Marks a value to clear, as None marks a value that was not given."""


_CLEARED = _Cleared()


def _given(**values: object) -> dict[str, object]:
    return {
        key: None if value is _CLEARED else value
        for key, value in values.items()
        if value is not None
    }


def _or_none(value: str | None) -> str | _Cleared | None:
    return _CLEARED if value == NONE else value


def _days(value: str | None) -> object:
    if value is None or value == NONE:
        return _or_none(value)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadRequest(f"retain_days {value!r} is not a number of days", field="retain_days")
    return int(value)


def _values(field: str, values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    if NONE in values and values != [NONE]:
        raise BadRequest(f"{field}: {NONE} clears the list; give no other value", field=field)
    return () if values == [NONE] else tuple(values)


def _exclusions(old: Exclusions, lists: Mapping[str, object]) -> Exclusions:
    return msgspec.structs.replace(old, **lists)
