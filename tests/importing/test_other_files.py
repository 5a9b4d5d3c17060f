"""A kind of file that is not an access log: an export in CSV, with a header and rows of several
lines. It has its formats; everything else is the importer's."""

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from new_catalog import open_catalog

from footfall.catalog import Salts
from footfall.enrich.pipeline import Enricher
from footfall.importing.format import Format, Formats, Row, Unsupported
from footfall.importing.importer import Importer, Summary
from footfall.importing.job import Watch
from footfall.importing.source import open_log
from footfall.journal.reader import read_tails
from footfall.model.errors import BadRequest
from footfall.model.event import Event
from footfall.model.hit import Hit
from footfall.model.record import EventsRecord, decode_record
from footfall.model.website import Website

NOW = 1_795_300_000_000
HEADER = "Timestamp,Page,Title,Browser ID"


class Seen(NamedTuple):
    """What a row of the export says."""

    page: str
    title: str
    browser: str

    def to_hit(self, website: Website, _salts: Salts) -> Hit:
        url = f"https://{website.domain}{self.page}"
        return Hit(url=url, title=self.title, visitor_uid=self.browser)


class ExportReader:
    """Reads the rows behind a header that has these columns, in any order."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._begun = ""

    def __call__(self, raw: bytes) -> Row | None:
        text = self._begun + raw.decode("utf-8", "replace")
        if text.count('"') % 2:  # a quoted value with a line break: it goes on in the next line
            self._begun = text + "\n"
            return None
        self._begun = ""
        [values] = csv.reader([text])
        if not self._columns:
            self._columns = values
            return None
        if set(self._columns) != set(HEADER.split(",")) or len(values) != len(self._columns):
            return Row(0, "invalid", "format")
        row = dict(zip(self._columns, values, strict=True))
        try:
            at = int(datetime.fromisoformat(row["Timestamp"]).timestamp() * 1000)
        except ValueError:
            return Row(0, "invalid", "time")
        return Row(at, Seen(row["Page"], row["Title"], row["Browser ID"]))


EXPORTS = Formats(
    (Format("counter-csv", "Counter (CSV)", ExportReader),),
    (Unsupported("a spreadsheet", re.compile(r"PK\x03\x04"), "export it as CSV"),),
    "Export the page views as CSV.",
)


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalog = open_catalog(folder)
        self.website = self.catalog.add_website("shop.example", now_ms=NOW)

    def run(self, text: str, format_name: str = "", watch: Watch | None = None) -> Summary:
        file = self.folder / "export.csv"
        file.write_text(text)
        bounds = {"max_bytes": 1 << 30, "min_free_bytes": 0}
        clock = lambda: NOW  # noqa: E731
        importer = Importer(
            EXPORTS, self.catalog, self.folder, clock, enricher=Enricher(), **bounds
        )
        with open_log(file) as log:
            return importer.run(log, self.website, watch or Watch(), format_name)

    def events(self) -> list[Event]:
        tails = read_tails(self.folder / "journal", {}, 1 << 30)
        records = [decode_record(record) for tail in tails for record in tail.records]
        return [each for one in records if isinstance(one, EventsRecord) for each in one.events]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "data")


ROWS = """2025-07-01T10:00:00Z,/a,"Two
lines",ann
2025-07-01T09:00:00Z,/b,"A, B",bea
yesterday,/c,C,cat
2025-07-01T11:00:00Z,/a,A,ann
"""


def test_an_export_is_detected_read_and_sorted(place: Place) -> None:
    summary = place.run(f"{HEADER}\n{ROWS}")
    assert (summary.format, summary.counts) == ("counter-csv", {"accepted": 3, "invalid": 1})
    assert summary.unreadable == {"time": 1}
    assert [event.path for event in place.events()] == ["/b", "/a", "/a"]
    assert [event.title for event in place.events()] == ["A, B", "Two lines", "A"]
    assert len({event.visitor_id for event in place.events()}) == 2


def test_an_export_is_imported_once(place: Place) -> None:
    first = place.run(f"{HEADER}\n{ROWS}")
    again = place.run(f"{HEADER}\n{ROWS}")
    assert (again.lines_added, again.counts) == (0, first.counts)
    assert len(place.events()) == 3


def test_a_file_with_another_header_is_refused_with_advice(place: Place) -> None:
    with pytest.raises(BadRequest, match=r"reads these formats: counter-csv\. Export"):
        place.run(f"Date,Visitors\n{ROWS}")
    with pytest.raises(BadRequest, match="'csv' is not a known format; choose one of counter-csv"):
        place.run(f"{HEADER}\n{ROWS}", "csv")
