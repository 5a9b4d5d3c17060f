"""The rules for a website's settings. Each checker returns the stored form or raises BadRequest."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from footfall.model.country import country_code
from footfall.model.errors import BadRequest
from footfall.model.escape import check_escapes
from footfall.model.event import GOAL_NAME
from footfall.model.hostname import to_ascii
from footfall.model.money import check_currency
from footfall.model.period import parse_timezone
from footfall.model.text import one_line
from footfall.model.website import KPI_REVENUE, Exclusions

COLOR_SCHEMES = (
    "red",
    "orange",
    "yellow",
    "green",
    "purple",
    "pink",
    "gray",
    "blue",
    "teal",
    "indigo",
)
MAX_DOMAIN = 253
MAX_RETAIN_DAYS = 36_500
MAX_EXCLUSIONS = 1_000

PUBLIC_ID = re.compile(r"[0-9a-fA-F]{8}")

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_HOST_PATTERN = re.compile(r"[a-z0-9_*-]{1,63}(\.[a-z0-9_*-]{1,63})*")


def normal_domain(text: str) -> str:
    """The form in which domains are stored and looked up: lower case, ASCII, no leading www."""
    text = text.strip().rstrip(".")
    domain = (to_ascii(text) if len(text) <= MAX_DOMAIN else None) or text.lower()
    return domain.removeprefix("www.") if domain.count(".") > 1 else domain


def check_domain(value: object) -> str:
    text = _text("domain", value, 1, MAX_DOMAIN)
    domain = normal_domain(text)
    if len(domain) <= MAX_DOMAIN and all(_LABEL.fullmatch(label) for label in domain.split(".")):
        return domain
    raise BadRequest(
        f"domain {text!r} is not a host name: give it bare, without scheme, port or path,"
        f" as in {_host_in(domain) or 'example.com'}",
        field="domain",
    )


def check_name(value: object) -> str:
    return _text("name", value, 1, 255)


def check_timezone(value: object) -> str:
    return parse_timezone(value if isinstance(value, str) else "")


def check_kpi(value: object) -> str | None:
    if value is None or value == KPI_REVENUE:
        return None
    if isinstance(value, str) and GOAL_NAME.fullmatch(value):
        return value
    raise BadRequest(
        f"kpi {value!r} is not a goal's name: at most 64 of a-z, 0-9, _ and -, or {KPI_REVENUE!r}",
        field="kpi",
    )


def check_color_scheme(value: object) -> str | None:
    if value is None or value in COLOR_SCHEMES:
        return None if value is None else str(value)
    raise BadRequest(
        f"kpi_color_scheme {value!r} is not known: one of {', '.join(COLOR_SCHEMES)}",
        field="kpi_color_scheme",
    )


def check_logo(value: object) -> str | None:
    if value is None:
        return None
    text = _text("logo", value, 1, 2048)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("http", "https") and parts.netloc and " " not in text:
        return text
    raise BadRequest(f"logo {text!r} is not an http(s) URL", field="logo")


def check_retain_days(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_RETAIN_DAYS:
        return value
    raise BadRequest(
        f"retain_days {value!r} must be 1 to {MAX_RETAIN_DAYS:,}, or nothing to keep all",
        field="retain_days",
    )


def check_allowed_hostnames(value: object) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise BadRequest("allowed_hostnames must be a tuple", field="allowed_hostnames")
    return _each("allow_hostname", value, _host)


def check_return_hostnames(value: object) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise BadRequest("return_hostnames must be a tuple", field="return_hostnames")
    return _each("return_hostname", value, _host)


def check_hosts(field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Host names in their one form. Raises BadRequest."""
    return _each(field, values, _host)


def check_exclusions(value: object) -> Exclusions:
    if not isinstance(value, Exclusions):
        raise BadRequest("exclusions must be an Exclusions", field="exclusions")
    return Exclusions(
        addresses=_each("exclude_address", value.addresses, _network),
        paths=_each("exclude_path", value.paths, _path),
        hostnames=_each("exclude_hostname", value.hostnames, _host_pattern),
        countries=_each("exclude_country", value.countries, _country),
        referrers=_each("exclude_referrer", value.referrers, _host_pattern),
    )


CHECKERS: Mapping[str, Callable[[object], object]] = {
    "name": check_name,
    "timezone": check_timezone,
    "currency": check_currency,
    "kpi": check_kpi,
    "kpi_color_scheme": check_color_scheme,
    "logo": check_logo,
    "retain_days": check_retain_days,
    "exclusions": check_exclusions,
    "allowed_hostnames": check_allowed_hostnames,
    "return_hostnames": check_return_hostnames,
}
"""The settings of a website that can be changed, with their checkers."""


def _text(field: str, value: object, shortest: int, longest: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if shortest <= len(text) <= longest and text.isprintable():
        return text
    raise BadRequest(f"{field} must be {shortest} to {longest} printable characters", field=field)


def _host_in(domain: str) -> str:
    """The host in a domain that looks like a URL, for a suggestion."""
    try:
        host = urlsplit(domain if "//" in domain else f"//{domain}").hostname or ""
    except ValueError:
        return ""
    return host if all(_LABEL.fullmatch(label) for label in host.split(".")) else ""


def _each(field: str, values: tuple[str, ...], check: Callable[[str, str], str]) -> tuple[str, ...]:
    if len(values) > MAX_EXCLUSIONS:
        raise BadRequest(f"{field}: at most {MAX_EXCLUSIONS:,} values", field=field)
    return tuple(dict.fromkeys(check(field, value.strip()) for value in values))


def _network(field: str, value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise BadRequest(
            f"{field} {value!r} is not an address or network: write 203.0.113.7 or 2001:db8::/32",
            field=field,
        ) from None
    is_address = network.prefixlen == network.max_prefixlen
    return str(network.network_address if is_address else network)


def _path(field: str, value: str) -> str:
    check_escapes(value, field)
    if value.startswith(("/", "*")) and len(value) <= 2048 and one_line(value) == value:
        return value
    raise BadRequest(
        f"{field} {value!r} must begin with /: write /admin/** (* stays within a segment)",
        field=field,
    )


def _host(field: str, value: str) -> str:
    host = normal_domain(value)
    if len(host) <= MAX_DOMAIN and all(_LABEL.fullmatch(label) for label in host.split(".")):
        return host
    raise BadRequest(
        f"{field} {value!r} is not a host name: write it as in shop.example.net", field=field
    )


def _host_pattern(field: str, value: str) -> str:
    has_whole_labels = all(label.isascii() or "*" not in label for label in value.split("."))
    pattern = (has_whole_labels and to_ascii(value)) or ""
    if _HOST_PATTERN.fullmatch(pattern) and len(pattern) <= MAX_DOMAIN:
        return pattern
    raise BadRequest(
        f"{field} {value!r} is not a host name: write staging.example.com or *.example.com",
        field=field,
    )


def _country(field: str, value: str) -> str:
    if code := country_code(value):
        return code
    if _COUNTRY.fullmatch(value):
        return value.upper()
    raise BadRequest(
        f"{field} {value!r} is not a country name or ISO 3166-1 code, as in Germany, DE or DEU",
        field=field,
    )
