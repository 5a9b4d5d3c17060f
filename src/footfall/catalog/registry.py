"""The catalog for the hot paths: a snapshot in memory that follows it within a second."""

import threading
from datetime import UTC, datetime
from hmac import compare_digest

import msgspec

from footfall.catalog.catalog import Catalog, Workspace
from footfall.catalog.token import digest
from footfall.catalog.website import PUBLIC_ID, normal_domain
from footfall.clock import Clock
from footfall.model.website import Token, Website

FOLLOW_MS = 1_000
DAY_MS = 86_400_000


class Salts(msgspec.Struct, frozen=True):
    """The salts that the key of a cookieless visitor on one UTC day can depend on."""

    day: int  # days since 1970
    today: bytes
    yesterday: bytes


class _Snapshot(msgspec.Struct, frozen=True):
    workspaces: tuple[Workspace, ...]
    websites: tuple[Website, ...]  # by domain
    by_id: dict[int, Website]
    by_tracking_id: dict[str, Website]
    by_domain: dict[str, Website]
    tokens: dict[bytes, tuple[bytes, Token]]  # by the digest of the secret
    key_prefixes: dict[int, str]  # of the newest token per website


class Registry:
    """Looks up websites and tokens without reading the database, except for one cheap check.

    At most once a second, before it lists anything, and before it reports anything as unknown, it
    checks whether the catalog has changed, and reads it again if so. Safe to use from several
    threads.
    """

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._lock = threading.Lock()
        self._salts: Salts | None = None
        self.refresh()

    def workspaces(self) -> tuple[Workspace, ...]:
        """All workspaces, by name."""
        self._catch_up()
        return self._snapshot.workspaces

    def websites(self) -> tuple[Website, ...]:
        """All websites, by domain."""
        self._catch_up()  # one that is not in the list is reported as unknown, too
        return self._snapshot.websites

    def website_by_tracking_id(self, tracking_id: str) -> Website | None:
        self._follow()
        website = self._snapshot.by_tracking_id.get(tracking_id)
        if website is None and self._catch_up():
            website = self._snapshot.by_tracking_id.get(tracking_id)
        return website

    def website_by_id(self, website_id: int) -> Website | None:
        self._follow()
        website = self._snapshot.by_id.get(website_id)
        if website is None and self._catch_up():
            website = self._snapshot.by_id.get(website_id)
        return website

    def website_by_domain(self, domain: str) -> Website | None:
        self._follow()
        domain = normal_domain(domain)
        website = self._snapshot.by_domain.get(domain)
        if website is None and self._catch_up():
            website = self._snapshot.by_domain.get(domain)
        return website

    def find_website(self, selector: str) -> Website | None:
        """By public id, tracking id or domain."""
        website = self.website_by_domain(selector) or self.website_by_tracking_id(selector)
        if website is None and PUBLIC_ID.fullmatch(selector):
            website = self.website_by_id(int(selector, 16))
        return website

    def token(self, secret: str) -> Token | None:
        """The token of a secret, None if it is unknown, revoked or expired."""
        self._follow()
        wanted = digest(secret)
        found = self._snapshot.tokens.get(wanted)
        if found is None and self._catch_up():
            found = self._snapshot.tokens.get(wanted)
        if found is None or not compare_digest(found[0], wanted):
            return None
        token = found[1]
        is_expired = token.expires_at is not None and token.expires_at <= self._clock()
        return None if is_expired else token

    def key_prefix(self, website_id: int) -> str | None:
        """The first characters of the website's newest own token, to identify it."""
        self._follow()
        return self._snapshot.key_prefixes.get(website_id)

    def salts(self, now_ms: int) -> Salts:
        day = now_ms // DAY_MS
        salts = self._salts
        if salts is None or salts.day != day:
            salts = Salts(
                day, self._catalog.salt(day_name(day)), self._catalog.salt(day_name(day - 1))
            )
            self._salts = salts
        return salts

    def refresh(self) -> None:
        """Read the catalog again."""
        with self._lock:
            self._read()

    def _follow(self) -> None:
        # The difference is negative if the clock was set back.
        if abs(self._clock() - self._checked_at) >= FOLLOW_MS:
            self._catch_up()

    def _catch_up(self) -> bool:
        """Whether the catalog had changed, and the snapshot with it."""
        with self._lock:
            self._checked_at = self._clock()
            if self._catalog.change_counter() == self._change_counter:
                return False
            self._read()
            return True

    def _read(self) -> None:
        # Read the counter first: a commit while we read then makes a difference the next time.
        self._checked_at = self._clock()
        self._change_counter = self._catalog.change_counter()
        websites = tuple(self._catalog.websites())
        tokens = self._catalog.tokens_by_digest()
        self._snapshot = _Snapshot(
            workspaces=tuple(self._catalog.workspaces()),
            websites=websites,
            by_id={website.id: website for website in websites},
            by_tracking_id={website.tracking_id: website for website in websites},
            by_domain={website.domain: website for website in websites},
            tokens={key: (key, token) for key, token in tokens},
            key_prefixes={
                token.website_id: token.prefix
                for _, token in reversed(tokens)
                if token.website_id is not None and token.kind == "flow"
            },
        )


def keep_salts(catalog: Catalog, now_ms: int) -> None:
    """Delete all salts except those of today and yesterday. Raises Unavailable: then call again."""
    day = now_ms // DAY_MS
    catalog.keep_salts((day_name(day), day_name(day - 1)), now_ms)


def day_name(day: int) -> str:
    """The UTC date of a day counted since 1970, as in "2026-11-21"."""
    return datetime.fromtimestamp(day * DAY_MS // 1000, UTC).strftime("%Y-%m-%d")
