"""Reading a log's bytes, plain or gzip."""

import gzip
from pathlib import Path

import pytest

from footfall.accesslog.source import MAX_LINE_BYTES, Content, examine, read_lines
from footfall.model.errors import BadRequest


def ignore(_: int) -> None: ...


def lines_of(path: Path) -> list[bytes]:
    return list(read_lines(path, examine(path, ignore), ignore))


def test_a_gzipped_log_has_the_digest_of_its_content(tmp_path: Path):
    plain, packed = tmp_path / "a.log", tmp_path / "b.log"
    plain.write_bytes(b"one\r\ntwo\n\nthree")
    packed.write_bytes(gzip.compress(b"one\r\ntwo\n") + gzip.compress(b"\nthree"))
    assert examine(plain, ignore) == examine(packed, ignore)
    assert lines_of(plain) == lines_of(packed) == [b"one", b"two", b"", b"three"]


def test_a_line_without_end_is_cut_and_counts_once(tmp_path: Path):
    path = tmp_path / "long.log"
    path.write_bytes(b"a" * (3 * MAX_LINE_BYTES) + b"\nb\n" + b"c" * MAX_LINE_BYTES)
    assert [len(line) for line in lines_of(path)] == [MAX_LINE_BYTES, 1, MAX_LINE_BYTES]


def test_lines_written_after_the_first_reading_are_left_for_another_time(tmp_path: Path):
    path = tmp_path / "growing.log"
    path.write_bytes(b"one\ntwo\n")
    content = examine(path, ignore)
    with path.open("ab") as file:
        file.write(b"three\n")
    assert list(read_lines(path, content, ignore)) == [b"one", b"two"]


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path):
    path = tmp_path / "shrinking.log"
    path.write_bytes(b"one\n")
    with pytest.raises(BadRequest, match="shorter"):
        list(read_lines(path, Content("", 8), ignore))


def test_a_cut_off_gzip_file_is_refused(tmp_path: Path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"one\n" * 10_000)[:-20])
    with pytest.raises(BadRequest, match="gzip"):
        examine(path, ignore)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BadRequest, match=r"absent\.log"):
        examine(tmp_path / "absent.log", ignore)


def test_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(BadRequest, match="cannot read"):
        examine(tmp_path, ignore)


def test_an_empty_file_has_no_lines(tmp_path: Path):
    path = tmp_path / "empty.log"
    path.touch()
    assert lines_of(path) == []


def test_progress_reaches_the_files_size(tmp_path: Path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n" * 10_000))
    seen: list[int] = []
    list(read_lines(path, examine(path, seen.append), seen.append))
    assert max(seen) == path.stat().st_size
