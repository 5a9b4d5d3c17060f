"""Reading a log's bytes, plain or packed, in the encodings that servers write."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from footfall.importing.source import MAX_LINE_BYTES, Content, OnBytes, open_log
from footfall.model.errors import BadRequest


def ignore(_: int) -> None: ...


def examine(path: Path, on_bytes: OnBytes = ignore) -> Content:
    with open_log(path) as log:
        return log.examine(on_bytes)


def read_lines(path: Path, content: Content, on_bytes: OnBytes = ignore) -> list[bytes]:
    with open_log(path) as log:
        return list(log.lines(content, on_bytes))


def lines_of(path: Path) -> list[bytes]:
    return read_lines(path, examine(path))


def test_a_gzipped_log_has_the_digest_of_its_content(tmp_path: Path):
    plain, packed = tmp_path / "a.log", tmp_path / "b.log"
    plain.write_bytes(b"one\r\ntwo\n\nthree")
    packed.write_bytes(gzip.compress(b"one\r\ntwo\n") + gzip.compress(b"\nthree"))
    assert examine(plain) == examine(packed)
    assert lines_of(plain) == lines_of(packed) == [b"one", b"two", b"", b"three"]


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


@pytest.fixture(params=PACKERS)
def packer(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_packed_log_is_known_by_its_content(tmp_path: Path, packer: str):
    pack = PACKERS[packer]
    plain, packed = tmp_path / "a.log", tmp_path / "b.log.1"
    plain.write_bytes(b"one\r\ntwo\n\nthree")
    packed.write_bytes(pack(b"one\r\ntwo\n") + pack(b"") + pack(b"\nthree"))
    assert examine(plain) == examine(packed)
    assert lines_of(packed) == [b"one", b"two", b"", b"three"]


@pytest.mark.parametrize("left", [1 / 4, 1 / 2, 99 / 100])
def test_a_cut_off_file_is_refused_by_the_name_of_its_packing(
    tmp_path: Path, packer: str, left: float
):
    path = tmp_path / "cut"
    packed = PACKERS[packer](b"".join(b"%d\n" % n for n in range(50_000)))
    path.write_bytes(packed[: int(len(packed) * left)])
    with pytest.raises(BadRequest, match=f"damaged or unfinished {packer}") as error:
        examine(path)
    assert error.value.field == "file"


def test_a_damaged_file_is_refused(tmp_path: Path, packer: str):
    path = tmp_path / "damaged"
    packed = bytearray(PACKERS[packer](b"".join(b"%d\n" % n for n in range(50_000))))
    packed[len(packed) // 2 :] = b"x" * (len(packed) - len(packed) // 2)
    path.write_bytes(packed)
    with pytest.raises(BadRequest, match=packer):
        examine(path)


def test_garbage_behind_a_packed_log_is_refused(tmp_path: Path):
    path = tmp_path / "more"
    path.write_bytes(PACKERS["zstd"](b"one\n") + b"garbage that is not a frame")
    with pytest.raises(BadRequest, match="zstd"):
        examine(path)


def test_a_zstd_file_may_have_frames_without_data(tmp_path: Path):
    path = tmp_path / "skippable"
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    path.write_bytes(skippable + PACKERS["zstd"](b"one\n") + skippable)
    assert lines_of(path) == [b"one"]


@pytest.mark.parametrize(
    ("magic", "name"),
    [(b"PK\x03\x04", "zip"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\x1f\x9d", "compress")],
)
def test_an_archive_of_another_kind_is_named(tmp_path: Path, magic: bytes, name: str):
    path = tmp_path / "archive"
    path.write_bytes(magic + bytes(100))
    with pytest.raises(BadRequest, match=f"is a {name}.* file; unpack it"):
        examine(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_that_servers_write_has_the_same_lines(tmp_path: Path, encoding: str):
    path = tmp_path / "iis.log"
    text = "#Fields: date time\r\n2026-11-28 /café/💥\r\n" + "a" * 3_000_000
    path.write_bytes(text.encode(encoding))
    lines = lines_of(path)
    assert lines[:2] == [b"#Fields: date time", "2026-11-28 /café/💥".encode()]
    path.write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    assert lines_of(path) == lines


def test_a_line_without_end_is_cut_and_counts_once(tmp_path: Path):
    path = tmp_path / "long.log"
    path.write_bytes(b"a" * (3 * MAX_LINE_BYTES) + b"\nb\n" + b"c" * MAX_LINE_BYTES)
    assert [len(line) for line in lines_of(path)] == [MAX_LINE_BYTES, 1, MAX_LINE_BYTES]


def test_lines_written_after_the_first_reading_are_left_for_another_time(tmp_path: Path):
    path = tmp_path / "growing.log"
    path.write_bytes(b"one\ntwo\n")
    content = examine(path)
    with path.open("ab") as file:
        file.write(b"three\n")
    assert read_lines(path, content) == [b"one", b"two"]


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path):
    path = tmp_path / "shrinking.log"
    path.write_bytes(b"one\n")
    with pytest.raises(BadRequest, match="shorter"):
        read_lines(path, Content("", 8))


def test_a_file_whose_content_changes_while_it_is_read_is_refused(tmp_path: Path):
    path = tmp_path / "changing.log"
    path.write_bytes(b"one\n")
    content = examine(path)
    path.write_bytes(b"two\n")
    with pytest.raises(BadRequest, match="was changed while it was read"):
        read_lines(path, content)


def test_a_cut_off_gzip_file_is_refused(tmp_path: Path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"one\n" * 10_000)[:-20])
    with pytest.raises(BadRequest, match="gzip"):
        examine(path)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(BadRequest, match=r"absent\.log"):
        examine(tmp_path / "absent.log")


def test_a_folder_is_not_a_file(tmp_path: Path):
    with pytest.raises(BadRequest, match="cannot read"):
        examine(tmp_path)


def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadRequest, match="a pipe or a device"):
        examine(pipe)


def test_a_file_that_the_system_cannot_read_is_refused():
    with pytest.raises(BadRequest, match=r"cannot read /proc/self/mem"):
        examine(Path("/proc/self/mem"))


@pytest.mark.parametrize("zeros", [4, 512, 1 << 18])
def test_an_xz_file_may_be_padded_with_zeros(tmp_path: Path, zeros: int):
    """xz's format allows them behind a stream."""
    path = tmp_path / "padded.xz"
    padding = bytes(zeros)
    path.write_bytes(lzma.compress(b"one\n") + padding + lzma.compress(b"two\n") + padding)
    assert lines_of(path) == [b"one", b"two"]


def test_an_empty_file_has_no_lines(tmp_path: Path):
    path = tmp_path / "empty.log"
    path.touch()
    assert lines_of(path) == []


def test_progress_reaches_the_files_size(tmp_path: Path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n" * 10_000))
    seen: list[int] = []
    read_lines(path, examine(path, seen.append), seen.append)
    assert max(seen) == path.stat().st_size
