"""What members save about a website: segments, funnels, flows and annotations."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from footfall.catalog.access_table import GOAL_SETTINGS, SAVED
from footfall.catalog.database import writing
from footfall.catalog.token import random_text
from footfall.model.errors import Conflict, NotFound

SavedKind = Literal["segment", "funnel", "flow", "annotation"]
SAVED_KINDS: tuple[SavedKind, ...] = get_args(SavedKind)
MAX_SAVED = 500
"""Of a kind and website, for each member's own and for everybody's: what one member keeps, which
nobody else can see, must not take the others' room."""
MAX_GOALS = 1_000
"""Of a website, that have a label or are hidden."""


class SavedThing(msgspec.Struct, frozen=True, kw_only=True):
    """`content` is JSON, whose shape depends on the kind."""

    id: str  # seg_…, fun_…, flo_…, ann_…
    website_id: int
    kind: SavedKind
    user_id: str | None  # None: everybody's
    name: str
    content: str
    created_at: int
    updated_at: int


class GoalSetting(msgspec.Struct, frozen=True, kw_only=True):
    """How the dashboard shows a goal."""

    website_id: int
    name: str
    label: str
    is_hidden: bool


class Saved:
    """Every call is one transaction. Calls that write raise Unavailable if that is not possible
    now. The callers check what they store."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(
        self,
        website_id: int,
        kind: SavedKind,
        user_id: str | None,
        name: str,
        content: str,
        *,
        now_ms: int,
    ) -> SavedThing:
        """Raises Conflict where there are too many."""
        thing = SavedThing(
            id=f"{kind[:3]}_{random_text(12)}",
            website_id=website_id,
            kind=kind,
            user_id=user_id,
            name=name,
            content=content,
            created_at=now_ms,
            updated_at=now_ms,
        )
        with writing(self._database) as connection:
            _check_room(connection, website_id, kind, user_id)
            connection.execute(insert(SAVED).values(msgspec.structs.asdict(thing)))
        return thing

    def visible(self, website_id: int, kind: SavedKind, user_id: str | None) -> list[SavedThing]:
        """What a member can see: everybody's and their own, by name; without one, everybody's."""
        wanted = select(SAVED).where(_of(website_id, kind), _is_seen_by(user_id))
        with self._database.connect() as connection:
            rows = connection.execute(wanted.order_by(SAVED.c.name, SAVED.c.id))
            return [_thing(row) for row in rows]

    def get(
        self, website_id: int, kind: SavedKind, thing_id: str, user_id: str | None
    ) -> SavedThing:
        """Raises NotFound, also for what is another member's own."""
        is_it = _of(website_id, kind) & (SAVED.c.id == thing_id)
        with self._database.connect() as connection:
            row = connection.execute(select(SAVED).where(is_it, _is_seen_by(user_id))).first()
        if row is None:
            raise _not_found(kind, thing_id)
        return _thing(row)

    def change(self, thing: SavedThing, changes: Mapping[str, Any], *, now_ms: int) -> SavedThing:
        """Store other values of the fields that `changes` names; what others change meanwhile
        stays. Raises NotFound if it was removed, or its owner is another one, since it was read,
        and Conflict where the new owner has too many."""
        with writing(self._database) as connection:
            owner = changes.get("user_id", thing.user_id)
            if owner != thing.user_id:
                _check_room(connection, thing.website_id, thing.kind, owner)
            wanted = update(SAVED).where(_is(thing)).values(**changes, updated_at=now_ms)
            if not connection.execute(wanted).rowcount:
                raise _not_found(thing.kind, thing.id)
            row = connection.execute(select(SAVED).where(SAVED.c.id == thing.id)).one()
        return _thing(row)

    def remove(self, thing: SavedThing) -> None:
        """Raises NotFound as `change`."""
        with writing(self._database) as connection:
            if not connection.execute(delete(SAVED).where(_is(thing))).rowcount:
                raise _not_found(thing.kind, thing.id)

    # Goals

    def goal_settings(self, website_id: int) -> list[GoalSetting]:
        """By name; goals without settings are not listed."""
        wanted = select(GOAL_SETTINGS).where(GOAL_SETTINGS.c.website_id == website_id)
        with self._database.connect() as connection:
            rows = connection.execute(wanted.order_by(GOAL_SETTINGS.c.name))
            return [GoalSetting(**row._asdict()) for row in rows]

    def change_goal(self, website_id: int, name: str, changes: Mapping[str, Any]) -> GoalSetting:
        """Store other values of the fields that `changes` names; the others stay. Raises Conflict
        where too many goals have settings."""
        of_website = GOAL_SETTINGS.c.website_id == website_id
        is_it = of_website & (GOAL_SETTINGS.c.name == name)
        with writing(self._database) as connection:
            row = connection.execute(select(GOAL_SETTINGS).where(is_it)).first()
            before = (
                GoalSetting(website_id=website_id, name=name, label="", is_hidden=False)
                if row is None
                else GoalSetting(**row._asdict())
            )
            setting = msgspec.structs.replace(before, **changes)
            has_settings = bool(setting.label or setting.is_hidden)
            if row is None and has_settings:
                wanted = select(func.count()).select_from(GOAL_SETTINGS).where(of_website)
                if connection.execute(wanted).scalar_one() >= MAX_GOALS:
                    raise Conflict(f"{MAX_GOALS} goals have settings already: reset some first")
            connection.execute(delete(GOAL_SETTINGS).where(is_it))
            if has_settings:
                connection.execute(insert(GOAL_SETTINGS).values(msgspec.structs.asdict(setting)))
        return setting


def _of(website_id: int, kind: SavedKind) -> ColumnElement[bool]:
    return (SAVED.c.website_id == website_id) & (SAVED.c.kind == kind)


def _is(thing: SavedThing) -> ColumnElement[bool]:
    """The thing, while its owner is the one that was read."""
    return (SAVED.c.id == thing.id) & (SAVED.c.user_id == thing.user_id)  # None: IS NULL


def _check_room(
    connection: Connection, website_id: int, kind: SavedKind, user_id: str | None
) -> None:
    of_owner = _of(website_id, kind) & (SAVED.c.user_id == user_id)  # None: IS NULL
    known = connection.execute(select(func.count()).select_from(SAVED).where(of_owner))
    if known.scalar_one() >= MAX_SAVED:
        raise Conflict(f"There are {MAX_SAVED} already: delete some first")


def _not_found(kind: SavedKind, thing_id: str) -> NotFound:
    return NotFound(f"there is no {kind} {thing_id[:64]!r}", field="id")


def _is_seen_by(user_id: str | None) -> ColumnElement[bool]:
    everybodys = SAVED.c.user_id.is_(None)
    return everybodys if user_id is None else everybodys | (SAVED.c.user_id == user_id)


def _thing(row: Row[Any]) -> SavedThing:
    return SavedThing(**row._asdict())
