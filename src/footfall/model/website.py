"""A tracked website and the tokens that give access to it."""

from typing import Literal, get_args

import msgspec

KPI_REVENUE = "revenue"


class Exclusions(msgspec.Struct, frozen=True):
    """Hits that a website's owner does not want counted. Empty tuples exclude nothing."""

    addresses: tuple[str, ...] = ()  # addresses or networks: 203.0.113.7, 2001:db8::/32
    paths: tuple[str, ...] = ()  # '*' within a segment, '**' across
    hostnames: tuple[str, ...] = ()  # '*' allowed: *.staging.example.com
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2
    referrers: tuple[str, ...] = ()  # hosts, '*' allowed


class Website(msgspec.Struct, frozen=True, kw_only=True):
    id: int  # 32 bits, random; written as 8 hex digits wherever people see it
    tracking_id: str  # flid_…
    domain: str
    name: str
    timezone: str
    currency: str
    created_at: int  # ms since 1970
    workspace_id: str = "default"
    kpi: str | None = None  # a goal's name; None: revenue
    kpi_color_scheme: str | None = None
    logo: str | None = None
    exclusions: Exclusions = Exclusions()
    allowed_hostnames: tuple[str, ...] = ()  # other hosts that are this website, as its domain is
    return_hostnames: tuple[str, ...] = ()  # further payment and sign-in pages, never a referrer
    retain_days: int | None = None
    hidden_before_ms: int | None = None  # for the request of a share link that begins later

    @property
    def public_id(self) -> str:
        return f"{self.id:08x}"


Scope = Literal["read", "write", "delete", "collect", "manage"]
SCOPES: tuple[str, ...] = get_args(Scope)
TokenKind = Literal["flow", "formo"]


def actor_of(user_id: str) -> str:
    """A member who acts, for the audit log."""
    return f"user {user_id}"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a bearer token may do. The secret itself is never kept, only its SHA-256."""

    id: str
    workspace_id: str
    website_id: int | None  # None: every website of the workspace
    scopes: frozenset[str]
    kind: TokenKind | Literal["member", "share"]  # the latter two are made for a request
    prefix: str  # the first characters, to distinguish tokens
    expires_at: int | None = None
    created_at: int = 0

    @property
    def actor(self) -> str:
        """Who acts, for the audit log."""
        return actor_of(self.id) if self.kind == "member" else f"token {self.prefix}…"
