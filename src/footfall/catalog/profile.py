"""Profiles: what people and shops told of a visitor. The only place where it stands in clear."""

from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog.database import erase_deleted, writing
from footfall.catalog.hash_key import KeyedHash
from footfall.catalog.table import PROFILES
from footfall.model.errors import NotFound
from footfall.model.payment import NO_PROFILE, Profile

_TOLD = tuple(Profile.__struct_fields__)


class PayerKeys(msgspec.Struct, frozen=True):
    """Keyed hashes by which payments and visitors of one person meet; 0 for what is not known."""

    email: int = 0
    customer: int = 0


class Profiles:
    """Every call is one transaction. Calls that write raise Unavailable where that is not possible
    now. Safe to use from several threads and processes."""

    def __init__(self, database: Engine, hashes: KeyedHash) -> None:
        self._database = database
        self._hashes = hashes

    def set(
        self,
        website_id: int,
        visitor_id: int,
        profile: Profile,
        now_ms: int,
        *,
        replaces: bool = False,
    ) -> None:
        """Keep what was told of a visitor where nothing was told before; with `replaces` (identify)
        also in the place of what was. An empty value changes nothing. Raises NotFound."""
        if profile == NO_PROFILE:
            return
        self.keys(website_id, profile)  # makes the hash key, which takes a transaction of its own
        try:
            with writing(self._database) as connection:
                self.write(connection, website_id, visitor_id, profile, now_ms, replaces=replaces)
        except IntegrityError:
            raise NotFound("the website was removed meanwhile", field="website") from None

    def get(self, website_id: int, visitor_id: int) -> Profile:
        """NO_PROFILE where nothing was told."""
        with self._database.connect() as connection:
            row = _find(connection, website_id, visitor_id)
        return NO_PROFILE if row is None else _profile(row)

    def find_visitor(self, website_id: int, *, email: str = "", customer_id: str = "") -> int:
        """Whose customer id this is, else whose e-mail (in any case); of several the one last told
        of. 0 for nobody."""
        keys = self.keys(website_id, Profile(email=email, customer_id=customer_id))
        with self._database.connect() as connection:
            return find_by_keys(connection, website_id, keys)

    def delete(self, website_id: int, visitor_id: int) -> None:
        """Delete a profile for good: on disk too, with everything that was deleted before it.

        Raises Unavailable: then ask again.
        """
        with writing(self._database) as connection:
            connection.execute(delete(PROFILES).where(*_is(website_id, visitor_id)))
        erase_deleted(self._database)

    def keys(self, website_id: int, profile: Profile) -> PayerKeys:
        email = profile.email.strip().lower()
        return PayerKeys(
            self._hashes.number(website_id, email and f"email {email}"),
            self._hashes.number(
                website_id, profile.customer_id and f"customer {profile.customer_id}"
            ),
        )

    def write(
        self,
        connection: Connection,
        website_id: int,
        visitor_id: int,
        profile: Profile,
        now_ms: int,
        *,
        replaces: bool,
    ) -> None:
        """`set` within a transaction. Raises IntegrityError where there is no such website."""
        row = _find(connection, website_id, visitor_id)
        known = NO_PROFILE if row is None else _profile(row)
        winner, other = (profile, known) if replaces else (known, profile)
        joined = Profile(**{name: getattr(winner, name) or getattr(other, name) for name in _TOLD})
        if joined == known:
            return
        keys = self.keys(website_id, joined)
        values = {
            **msgspec.structs.asdict(joined),
            "email_key": keys.email,
            "customer_key": keys.customer,
            "updated_at": now_ms,
        }
        if row is None:
            ids = {"website_id": website_id, "visitor_id": visitor_id}
            connection.execute(insert(PROFILES).values(ids | values))
        else:
            of_visitor = _is(website_id, visitor_id)
            connection.execute(update(PROFILES).where(*of_visitor).values(values))


def find_by_keys(connection: Connection, website_id: int, keys: PayerKeys) -> int:
    """The visitor of a customer id, else of an e-mail; 0 for nobody."""
    for column, key in (
        (PROFILES.c.customer_key, keys.customer),
        (PROFILES.c.email_key, keys.email),
    ):
        if key:
            found = connection.execute(
                select(PROFILES.c.visitor_id)
                .where(PROFILES.c.website_id == website_id, column == key)
                .order_by(PROFILES.c.updated_at.desc(), PROFILES.c.visitor_id)
                .limit(1)
            ).scalar()
            if found:
                return int(found)
    return 0


def _is(website_id: int, visitor_id: int) -> tuple[Any, Any]:
    return PROFILES.c.website_id == website_id, PROFILES.c.visitor_id == visitor_id


def _find(connection: Connection, website_id: int, visitor_id: int) -> Row[Any] | None:
    return connection.execute(select(PROFILES).where(*_is(website_id, visitor_id))).first()


def _profile(row: Row[Any]) -> Profile:
    return Profile(**{name: getattr(row, name) for name in _TOLD})
