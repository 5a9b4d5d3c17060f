"""A traffic in the real store and in the reference's log, and the smallest one that shows a
difference between the two."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from property.traffic import Record, Traffic, move

from footfall.load.deleter import Deleter
from footfall.load.loader import Loader
from footfall.load.walking import OVER_MS
from footfall.model.record import MovementRecord
from footfall.model.website import Website
from footfall.store.engine import Engine
from reference.join import Log


class Bench:
    """The real thing on one folder; websites keep the traffics apart."""

    def __init__(self, folder: Path, location: str) -> None:
        """`location` is where an Engine opens the store."""
        self.folder = folder
        self.location = location
        self.used_ids: set[int] = set()
        self.now_ms = 0
        self._loaded: list[tuple[Traffic, Traffic]] = []
        self.open()

    def open(self) -> None:
        self.engine = Engine(self.location)
        self.engine.migrate()
        self.loader = Loader(self.engine, self.folder, lambda: self.now_ms)
        self.deleter = Deleter(self.engine, self.folder, self.loader)

    def reopen(self) -> None:
        self.engine.close()
        self.open()

    def load(self, traffic: Traffic, reopens: bool = False) -> Traffic:
        """Load it under fresh website ids, in random batches. Answers it with those ids."""
        return self._load([traffic], traffic.seed, reopens=reopens)[0]

    def load_all(self, traffics: Sequence[Traffic], *, are_walked: bool = True) -> None:
        """Load several for `loaded`, in batches that they share: a batch takes as long for one
        website as for a hundred. Their seed, which is the same, says how they are loaded.

        Walks are written for one website at a time, and not all reports read them."""
        different: list[Traffic] = []
        for traffic in traffics:
            if traffic not in different:
                different.append(traffic)
        [seed] = {each.seed for each in different}
        self._loaded += zip(
            different, self._load(different, seed, are_walked=are_walked), strict=True
        )

    def loaded(self, traffic: Traffic) -> Traffic:
        """As `load`, if it is not there yet."""
        for given, moved in self._loaded:
            if given == traffic:
                return moved
        self.load_all([traffic])
        return self._loaded[-1][1]

    def _load(
        self,
        traffics: Sequence[Traffic],
        seed: int,
        *,
        reopens: bool = False,
        are_walked: bool = True,
    ) -> list[Traffic]:
        random = Random(seed)
        moved = [
            move(each, {website.id: self._fresh_id() for website in each.websites})
            for each in traffics
        ]
        left = [each.records for each in moved]
        while any(left):
            size = random.choice((1, 3, 10, 40, 1000))
            batch = [record for records in left for record in records[:size]]
            self.now_ms = batch[-1].received_at
            self.loader.load_records(batch)
            left = [records[size:] for records in left]
            if random.random() < 0.2 and are_walked:
                self.loader.walk_some()  # later events of these sessions take the walks away
            if reopens and random.random() < 0.3:
                self.reopen()
        if seed % 4:  # otherwise some visitors are counted without marks
            self.mark_all()
        if seed % 3 and are_walked:  # otherwise paths are read from events and walks
            self.walk_all()
        return moved

    def mark_all(self) -> None:
        """Mark the sessions that the loader left without a mark."""
        while self.loader.mark_some():
            pass

    def walk_all(self) -> None:
        """Write the walks of all sessions, as an hour after the last one."""
        self.now_ms += 2 * OVER_MS
        while self.loader.walk_some():
            pass

    def _fresh_id(self) -> int:
        fresh = 1 + len(self.used_ids)
        self.used_ids.add(fresh)
        return (fresh * 2_654_435_761) % (1 << 32)


def store_plainly(records: tuple[Record, ...], website: Website) -> Log:
    log = Log(website.id)
    for record in records:
        if isinstance(record, MovementRecord):
            log.add_movement(record.movement)
        else:
            log.add_request(record.received_at, record.events)
    return log


def exact(value: Any) -> Any:
    """Numbers as decimals, so that 0.1 is a tenth."""
    if isinstance(value, dict):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def shrink(traffic: Traffic, fails: Callable[[Traffic], bool], tries: int = 40) -> Traffic:
    """Leave out records while it fails: halves first, then ever fewer."""
    left = iter(range(tries))

    def with_records(records: tuple[Record, ...]) -> Traffic:
        return Traffic(
            traffic.seed, traffic.websites, records, traffic.now_ms, traffic.clock_change
        )

    kept = traffic.records
    size = len(kept) // 2
    while size:
        at = 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + size :]
            if next(left, None) is None:
                size = 0
                break
            if fewer and fails(with_records(fewer)):
                kept = fewer
            else:
                at += size
        size //= 2
    return with_records(kept)


def listed(traffic: Traffic) -> str:
    """What is in a traffic, without what is left at its default."""
    lines = []
    for record in traffic.records:
        if isinstance(record, MovementRecord):
            lines.append(f"{record.received_at}: {record.movement}")
        else:
            events = " ".join(_brief(event) for event in record.events)
            lines.append(f"{record.received_at}: {events}")
    return "\n".join(lines)


def _brief(struct: msgspec.Struct) -> str:
    shown = []
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        if value != field.default:
            text = _brief(value) if isinstance(value, msgspec.Struct) else repr(value)
            shown.append(f"{field.name}={text}")
    return f"{type(struct).__name__}({', '.join(shown)})"
