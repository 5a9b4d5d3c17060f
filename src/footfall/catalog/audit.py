"""The audit log: who changed settings, members or shares, who deleted what, and how much."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Engine, Row, func, insert, select

from footfall.catalog.database import writing
from footfall.catalog.hash_key import KeyedHash
from footfall.catalog.table import AUDIT, WEBSITES, WORKSPACE

DEFAULT_LIMIT = 100


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is milliseconds since 1970; a person in `filters` is a keyed hash."""

    id: int
    website_id: int | None
    at: int
    actor: str  # a token's prefix, a user's id, or cli
    action: str
    filters: dict[str, str]
    counts: dict[str, int]


class Audit:
    """Every call is one transaction. Safe to use from several threads and processes."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._hashes = KeyedHash(database, "audit")

    def add(
        self,
        website_id: int | None,
        actor: str,
        action: str,
        *,
        filters: Mapping[str, str],
        people: Mapping[str, str] | None = None,
        counts: Mapping[str, int],
        workspace_id: str | None = None,
        now_ms: int,
    ) -> None:
        """Write an entry in the log of a workspace, by default the website's. `people` are filters
        that name a person (a visitor's id, an e-mail address). Only a keyed hash of them is stored,
        which is always the same for a person of a website.

        Raises Unavailable.
        """
        hashed = {
            name: f"person {self._hashes.text(website_id or 0, value)}"
            for name, value in (people or {}).items()
        }
        values = {
            "workspace_id": workspace_id or _workspace_of(website_id),
            "website_id": website_id,
            "at": now_ms,
            "actor": actor,
            "action": action,
            "filters": msgspec.json.encode({**filters, **hashed}).decode(),
            "counts": msgspec.json.encode(dict(counts)).decode(),
        }
        with writing(self._database) as connection:
            connection.execute(insert(AUDIT).values(values))

    def list(
        self,
        website_id: int | None = None,
        limit: int = DEFAULT_LIMIT,
        workspace_id: str | None = None,
    ) -> list[Entry]:
        """The newest entries first, of one website or workspace or, with None, of all."""
        wanted = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        if website_id is not None:
            wanted = wanted.where(AUDIT.c.website_id == website_id)
        if workspace_id is not None:
            wanted = wanted.where(AUDIT.c.workspace_id == workspace_id)
        with self._database.connect() as connection:
            rows = connection.execute(wanted).all()
        return [_entry(row) for row in rows]


def _workspace_of(website_id: int | None) -> ColumnElement[str]:
    found = select(WEBSITES.c.workspace_id).where(WEBSITES.c.id == website_id)
    return func.coalesce(found.scalar_subquery(), WORKSPACE)


def _entry(row: Row[Any]) -> Entry:
    values = row._asdict()
    del values["workspace_id"]
    values["filters"] = msgspec.json.decode(row.filters, type=dict[str, str])
    values["counts"] = msgspec.json.decode(row.counts, type=dict[str, int])
    return Entry(**values)
