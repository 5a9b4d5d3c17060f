"""Profiles: what clients and shops said about a visitor. Only here is it stored in plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, insert, or_, select, tuple_
from sqlalchemy.exc import IntegrityError

from footfall.catalog.database import wipe_freed_pages, writing
from footfall.catalog.hash_key import KeyedHash
from footfall.catalog.table import PROFILES, WEBSITES
from footfall.model.errors import NotFound
from footfall.model.identity import Identified
from footfall.model.payment import NO_PROFILE, Profile

_FIELDS = tuple(Profile.__struct_fields__)
_SEARCHED = ("user_id", "name", "email")
_VISITORS_PER_QUERY = 1000
_DELETE_ONE = delete(PROFILES).where(
    PROFILES.c.website_id == bindparam("website_id"),
    PROFILES.c.visitor_id == bindparam("visitor_id"),
)
_Visitor = tuple[int, int]  # website and visitor


class PayerKeys(msgspec.Struct, frozen=True):
    """Keyed hashes that connect payments and visitors of one person; 0 for unknown values."""

    email: int = 0
    customer: int = 0


class Profiles:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
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
        """Store the values of a visitor that are not known yet. With `replaces` (for identify),
        also replace known values. An empty value changes nothing. Raises NotFound."""
        if profile == NO_PROFILE:
            return
        self.keys(website_id, profile)  # creates the hash key, which takes a transaction of its own
        try:
            with writing(self._database) as connection:
                self.write(connection, website_id, visitor_id, profile, now_ms, replaces=replaces)
        except IntegrityError:
            raise NotFound("the website was removed meanwhile", field="website") from None

    def set_many(self, identified: Sequence[Identified]) -> None:
        """Store what visitors said about themselves. It replaces what shops said and, by the
        events' times, what visitors said before; of equal times the later in order counts.
        Repeating a call, or another order of calls, gives the same result. Values of removed
        websites are ignored."""
        for each in identified:
            self.keys(each.website_id, each.profile)  # as in `set`
        with writing(self._database) as connection:
            websites = set(connection.execute(select(WEBSITES.c.id)).scalars())
            identified = [each for each in identified if each.website_id in websites]
            visitors = {(each.website_id, each.visitor_id) for each in identified}
            known = _read_known(connection, visitors)
            for each in identified:
                visitor = (each.website_id, each.visitor_id)
                before = known.get(visitor, _Known())
                known[visitor] = before.joined(each.profile, each.stated_at, replaces=True)
            self._write(connection, known)

    def get(self, website_id: int, visitor_id: int) -> Profile:
        """NO_PROFILE if nothing is known."""
        with self._database.connect() as connection:
            row = connection.execute(select(PROFILES).where(*_is(website_id, visitor_id))).first()
        return NO_PROFILE if row is None else _profile(row)

    def get_many(self, website_id: int, visitor_ids: Sequence[int]) -> dict[int, Profile]:
        """The profiles of those visitors of whom something is known."""
        found: dict[int, Profile] = {}
        with self._database.connect() as connection:
            for begin in range(0, len(visitor_ids), _VISITORS_PER_QUERY):
                some = visitor_ids[begin : begin + _VISITORS_PER_QUERY]
                of_some = (PROFILES.c.website_id == website_id, PROFILES.c.visitor_id.in_(some))
                for row in connection.execute(select(PROFILES).where(*of_some)):
                    found[row.visitor_id] = _profile(row)
        return found

    def search(self, website_id: int, text: str, most: int) -> list[int]:
        """The visitors whose user id, name or e-mail address contains a text, in any case; at most
        `most` of them, in the order of their keys."""
        wanted = text.casefold()
        columns = [PROFILES.c[name] for name in _SEARCHED]
        query = select(PROFILES.c.visitor_id, *columns).where(PROFILES.c.website_id == website_id)
        if text.isascii():  # the database only knows the case of ASCII letters
            query = query.where(or_(*(c.icontains(text, autoescape=True) for c in columns)))
        query = query.order_by(PROFILES.c.visitor_id)
        found: list[int] = []
        with self._database.connect() as connection:
            for visitor_id, *texts in connection.execute(query):
                if any(wanted in each.casefold() for each in texts):
                    found.append(visitor_id)
                if len(found) == most:
                    break
        return found

    def find_visitor(self, website_id: int, *, email: str = "", customer_id: str = "") -> int:
        """The visitor with this customer id, else with this e-mail address (in any case); of
        several the one updated last. 0 if there is none."""
        keys = self.keys(website_id, Profile(email=email, customer_id=customer_id))
        with self._database.connect() as connection:
            return find_by_keys(connection, website_id, keys)

    def delete(self, website_id: int, visitor_id: int) -> None:
        """Permanently delete a profile, also on disk, with everything that was deleted before it.

        Raises Unavailable: then call again.
        """
        with writing(self._database) as connection:
            connection.execute(delete(PROFILES).where(*_is(website_id, visitor_id)))
        wipe_freed_pages(self._database)

    def count(self, website_id: int) -> int:
        """How many visitors of a website have a profile."""
        wanted = select(func.count()).where(PROFILES.c.website_id == website_id)
        with self._database.connect() as connection:
            return int(connection.execute(wanted).scalar_one())

    def purge(self, website_id: int, before_ms: int) -> None:
        """Remove the profiles that were not updated since a time."""
        old = (PROFILES.c.website_id == website_id, PROFILES.c.updated_at < before_ms)
        with writing(self._database) as connection:
            connection.execute(delete(PROFILES).where(*old))

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
        """`set` within a transaction. Raises IntegrityError if there is no such website."""
        if profile == NO_PROFILE:
            return
        row = connection.execute(select(PROFILES).where(*_is(website_id, visitor_id))).first()
        known = _Known() if row is None else _known(row)
        joined = known.joined(profile, now_ms, replaces=replaces)
        if joined != known:
            self._write(connection, {(website_id, visitor_id): joined})

    def _write(self, connection: Connection, joined: Mapping[_Visitor, "_Known"]) -> None:
        rows = []
        for (website_id, visitor_id), known in joined.items():
            keys = self.keys(website_id, known.profile)
            rows.append(
                {
                    "website_id": website_id,
                    "visitor_id": visitor_id,
                    **msgspec.structs.asdict(known.profile),
                    **{f"{name}_at": at for name, at in known.stated_at.items()},
                    "email_key": keys.email,
                    "customer_key": keys.customer,
                    "updated_at": known.updated_at,
                }
            )
        if rows:
            connection.execute(_DELETE_ONE, rows)
            connection.execute(insert(PROFILES), rows)


class _Known(msgspec.Struct, frozen=True):
    """A profile, and when the visitor stated each value; 0 for values from a shop."""

    profile: Profile = NO_PROFILE
    stated_at: dict[str, int] = msgspec.field(default_factory=lambda: dict.fromkeys(_FIELDS, 0))
    updated_at: int = 0

    def joined(self, stated: Profile, at: int, *, replaces: bool) -> "_Known":
        values, times = {}, dict(self.stated_at)
        for name in _FIELDS:
            old, new = getattr(self.profile, name), getattr(stated, name)
            is_better = replaces and at >= self.stated_at[name]
            values[name] = new if new and (is_better or not old) else old
            if new and is_better:
                times[name] = at
        return _Known(Profile(**values), times, max(self.updated_at, at))


def find_by_keys(connection: Connection, website_id: int, keys: PayerKeys) -> int:
    """The visitor with a customer id, else with an e-mail address; 0 if there is none."""
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


def _profile(row: Row[Any]) -> Profile:
    return Profile(**{name: getattr(row, name) for name in _FIELDS})


def _known(row: Row[Any]) -> _Known:
    stated_at = {name: getattr(row, f"{name}_at") for name in _FIELDS}
    return _Known(_profile(row), stated_at, row.updated_at)


def _read_known(connection: Connection, visitors: set[_Visitor]) -> dict[_Visitor, _Known]:
    found: dict[_Visitor, _Known] = {}
    of_visitors = tuple_(PROFILES.c.website_id, PROFILES.c.visitor_id)
    wanted = sorted(visitors)
    for begin in range(0, len(wanted), _VISITORS_PER_QUERY):
        some = wanted[begin : begin + _VISITORS_PER_QUERY]
        for row in connection.execute(select(PROFILES).where(of_visitors.in_(some))):
            found[row.website_id, row.visitor_id] = _known(row)
    return found
