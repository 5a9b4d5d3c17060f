"""The kinds of files in a data folder, and what damage to each of them may cost."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

Loses = Literal["nothing", "records", "rows", "anything"]
FaultName = Literal["truncate", "flip a bit", "zero a block", "delete", "older copy"]
FAULT_NAMES: tuple[FaultName, ...] = (
    "truncate",
    "flip a bit",
    "zero a block",
    "delete",
    "older copy",
)
OF_FOLDERS: tuple[FaultName, ...] = ("delete", "older copy")


class Kind(NamedTuple):
    """One kind of file or folder. Whatever happens to it, nothing is counted twice, no more is lost
    than `loses` says, and /health does not answer `ok`."""

    name: str
    path: str  # a regular expression for the path below the data folder
    loses: Loses
    has: str = ""  # bytes that the chosen file has
    is_active_part: bool = False  # of those that a merge has not replaced
    is_folder: bool = False
    may_refuse: bool = False  # whether the server may refuse to start, in one sentence
    quiet: Mapping[FaultName, str] = MappingProxyType(
        {}
    )  # faults after which `ok` is right, and why
    replaced: str = ""  # why a running server may not notice
    is_deleting: bool = False  # only while a delete is under way
    is_damaged_while_running: bool = True

    def matches(self, path: Path) -> bool:
        return re.fullmatch(self.path, path.as_posix()) is not None


def always(reason: str) -> dict[FaultName, str]:
    return dict.fromkeys(FAULT_NAMES, reason)


TABLE = r"engine/store/[0-9a-f]{3}/[0-9a-f-]{36}"
PART = TABLE + r"/(?:all|\d{6})_\d+_\d+_\d+(?:_\d+)?"


PART_FILES = (
    ("columns in one file", r"data\.bin"),
    ("column", r"(?!data\.)[\w.]+\.bin"),
    ("marks", r"[\w.]+\.cmrk\d"),
    ("key", r"primary\.cidx"),
    ("checksums", r"checksums\.txt"),
    ("list of columns", r"columns\.txt"),
    ("list of files", r"columns_substreams\.txt"),
    ("count", r"count\.txt"),
    ("codec", r"default_compression_codec\.txt"),
    ("version", r"metadata_version\.txt"),
    ("bounds", r"minmax_\w+\.idx"),
    ("month", r"partition\.dat"),
    ("formats", r"serialization\.json"),
    ("skip index", r"skp_idx\.packed"),
    ("statistics", r"statistics\.packed"),
)
ONE_OF_TWO: dict[FaultName, str] = {"delete": "a crash between the two writes leaves one file, too"}

KINDS = (
    Kind("journal segment", r"journal/collector-\d+/\d+\.log", "records", has="/unread/"),
    Kind(
        "loaded segment",
        r"journal/collector-\d+/\d+\.log",
        "nothing",
        has="/live",
        quiet=always("its records are in the store"),
    ),
    Kind(
        "import segment",
        r"journal/import-[^/]+/\d+\.log",
        "records",
        replaced="the loader has read it soon after the start, and then nothing of it is lost",
    ),
    Kind(
        "journal mark",
        r"journal/[^/]+/\d+\.acknowledged",
        "nothing",
        quiet={"older copy": "a power cut leaves an older mark, too; the records are complete"},
        replaced="the writer writes it with every record",
    ),
    Kind(
        "number of the newest segment",
        r"journal/[^/]+\.begun",
        "nothing",
        quiet=always("the segments are there; the next one writes it again"),
    ),
    Kind("journal", "journal", "records", is_folder=True),
    Kind("writer's journal", r"journal/collector-\d+", "records", is_folder=True),
    Kind(
        "spool",
        r"spool/\d+\.(batch|copy)",
        "nothing",
        quiet=ONE_OF_TWO,
        replaced="the next batch takes its place",
    ),
    Kind("spool folder", "spool", "nothing", is_folder=True),
    Kind("damage log", r"damage\.jsonl", "nothing"),
    Kind("damage seen", r"damage\.seen", "nothing"),
    Kind("damaged piece", r"damaged/[^/]+", "nothing", quiet=always("it is unreadable anyway")),
    Kind("refused rows", r"refused\.jsonl", "nothing"),
    Kind(
        "refused rows' checksum",
        r"refused\.sum",
        "nothing",
        quiet={"delete": "a crash leaves none, too; the rows are whole"},
    ),
    Kind("rates", r"rates\.csv", "nothing"),
    Kind(
        "rates' checksum",
        r"rates\.sum",
        "nothing",
        quiet={"delete": "rates that a person put there have none; these are whole"},
    ),
    Kind("secret key", r"secret\.key", "nothing"),
    Kind(
        "server's address",
        r"server\.json",
        "nothing",
        quiet=always("every start writes it; only `doctor` reads it"),
    ),
    Kind("lock", r"lock|import\.lock", "nothing", quiet=always("it is empty")),
    Kind(
        "delete's plan",
        r"erasing/\d+\.(json|copy)",
        "nothing",
        quiet=ONE_OF_TWO,
        is_deleting=True,
        replaced="the delete is finished, and the file is gone",
    ),
    Kind("catalog", r"catalog\.sqlite", "anything", may_refuse=True),
    Kind(
        "catalog's mark",
        r"catalog\.mark",
        "nothing",
        quiet={"older copy": "a power cut leaves an older mark, too; it only detects less"},
        replaced="every change writes it",
    ),
    Kind(
        "catalog's checksums",
        r"catalog\.sums",
        "nothing",
        quiet={"older copy": "a kill leaves older ones, too; they are made again at the start"},
        replaced="it is written every minute",
    ),
    Kind("catalog's log", r"catalog\.sqlite-wal", "anything", may_refuse=True),
    Kind(
        "catalog's index",
        r"catalog\.sqlite-shm",
        "nothing",
        quiet=always("SQLite writes it again from the log"),
        is_damaged_while_running=False,
    ),
    Kind(
        "engine's inventory",
        r"engine\.inventory",
        "nothing",
        replaced="every batch writes it again from what is in memory",
    ),
    Kind("engine", "engine", "anything", is_folder=True, may_refuse=True),
    Kind("engine's status", "engine/status", "nothing", quiet=always("every start writes it")),
    Kind("table", TABLE, "anything", is_folder=True, may_refuse=True),
    Kind("table's definition", TABLE + r"/\w+\.sql", "anything", may_refuse=True),
    Kind("table's format", TABLE + r"/format_version\.txt", "anything", may_refuse=True),
    Kind("repeats' log", TABLE + r"/deduplication_logs/\w+\.txt", "nothing"),
    Kind(
        "part",
        PART,
        "rows",
        is_folder=True,
        is_active_part=True,
    ),
    *(
        Kind(f"part's {name}", f"{PART}/{file}", "rows", is_active_part=True)
        for name, file in PART_FILES
    ),
)
