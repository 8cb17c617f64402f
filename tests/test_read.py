"""Sources: what the arguments name, and their bytes, unpacked, in blocks of one size."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodscan.engines.pieces import records
from floodscan.engines.serial import evaluate
from floodscan.errors import UnreadableInput, extra
from floodscan.model import BLOCK
from floodscan.read import inflate
from floodscan.read.blocks import lone_cr_to_lf, reblock
from floodscan.read.sources import Source, find_sources

LOG = b"".join(b'{"level":30,"time":%d,"msg":"request completed"}\n' % (1_795_398_633_587 + i) for i in range(4_000))


def source(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    (found,), unreadable = find_sources([str(path)])
    assert not unreadable
    return found


def content(found: Source) -> bytes:
    return b"".join(found.blocks())


# ---------------------------------------------------------------- what the arguments name


def test_a_file_comes_in_whole_blocks_and_a_rest(tmp_path: Path) -> None:
    found = source(tmp_path / "a.log", LOG)
    sizes = [len(block) for block in found.blocks()]
    assert sizes[:-1] == [BLOCK] * (len(LOG) // BLOCK) and sum(sizes) == len(LOG) == found.size
    assert content(found) == LOG


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_reading_may_begin_at_any_block(tmp_path: Path, pack: type[bytes]) -> None:
    found = source(tmp_path / "a", pack(LOG))
    assert b"".join(found.blocks(2 * BLOCK)) == LOG[2 * BLOCK :]
    assert found.plain() == (pack is bytes)


def test_a_folder_gives_its_files_by_name_but_no_hidden_ones_and_none_outside(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "deep").mkdir(parents=True)
    (logs / ".git").mkdir()
    for name in ("b.log", "deep/a.log", ".hidden", ".git/config"):
        (logs / name).write_bytes(b"x\n")
    (tmp_path / "secret.log").write_bytes(b"x\n")
    (logs / "out.log").symlink_to(tmp_path / "secret.log")
    (logs / "up").symlink_to(tmp_path)
    os.mkfifo(logs / "pipe")
    found, unreadable = find_sources([str(logs)])
    assert [item.name for item in found] == [str(logs / "b.log"), str(logs / "deep/a.log")] and not unreadable


def test_a_glob_gives_its_matches_by_name(tmp_path: Path) -> None:
    for name in ("b.log", "a.log", "c.txt"):
        (tmp_path / name).write_bytes(b"x\n")
    found, _ = find_sources([str(tmp_path / "*.log")])
    assert [Path(item.name).name for item in found] == ["a.log", "b.log"]


def test_a_name_with_glob_characters_is_a_name_first(tmp_path: Path) -> None:
    (tmp_path / "a[1].log").write_bytes(b"x\n")
    found, _ = find_sources([str(tmp_path / "a[1].log")])
    assert content(found[0]) == b"x\n"


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x\n")
    found, _ = find_sources([str(tmp_path / "a.log"), str(tmp_path)])
    assert len(found) == 1


def test_what_cannot_be_read_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"x\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    names = ["missing.log", "*.none", "empty", "loop", "a.log/below", "nul\0name"]
    found, unreadable = find_sources([*(str(tmp_path / name) for name in names), str(tmp_path / "a.log"), "/dev/null"])
    assert [Path(item.name).name for item in found] == ["a.log"]
    assert [error.reason for error in unreadable] == [
        "no such file", "no file matches", "no files in this folder", "a symbolic link that leads nowhere",
        "not a directory", "not a usable file name", "a device or socket, not a file",
    ]  # fmt: skip
    assert {error.exit_code for error in unreadable} == {3}


def test_a_file_that_vanished_meanwhile_is_unreadable(tmp_path: Path) -> None:
    found = source(tmp_path / "a.log", b"x\n")
    (tmp_path / "a.log").unlink()
    with pytest.raises(UnreadableInput, match="no such file"):
        content(found)


# ---------------------------------------------------------------- pipes


class Pipe(io.RawIOBase):
    """Gives its pieces one by one, as a pipe does, and a Ctrl-C or an error where told to."""

    def __init__(self, pieces: list[bytes | BaseException]) -> None:
        self.pieces = pieces

    def read1(self, size: int) -> bytes:
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, BaseException):
            raise piece
        if len(piece) > size:
            self.pieces.insert(0, piece[size:])
        return piece[:size]


def piped(*pieces: bytes | BaseException) -> Source:
    (found,), _ = find_sources(["-"], stdin=Pipe(list(pieces)))  # type: ignore[arg-type]
    return found


def test_a_pipe_is_gathered_into_whole_blocks() -> None:
    found = piped(*[LOG[at : at + 1_000] for at in range(0, len(LOG), 1_000)])
    sizes = [len(block) for block in found.blocks()]
    assert set(sizes[:-1]) == {BLOCK} and sum(sizes) == len(LOG) and found.size is None


def test_an_interrupt_ends_a_pipe_and_loses_nothing_that_was_read() -> None:
    found = piped(LOG[:70_000], LOG[70_000:80_000], KeyboardInterrupt(), b"more")
    assert content(found) == LOG[:80_000] and found.interrupted


def test_an_error_in_the_middle_ends_the_stream_and_is_noted() -> None:
    found = piped(LOG[:70_000], OSError(5, "EIO"))
    assert content(found) == LOG[:70_000]
    assert found.notes == ["reading broke off: input/output error"]


def test_an_error_at_once_is_an_unreadable_input() -> None:
    with pytest.raises(UnreadableInput, match="input/output error"):
        content(piped(OSError(5, "EIO")))


def test_a_packed_pipe_is_unpacked() -> None:
    packed = gzip.compress(LOG)
    assert content(piped(packed[:1], packed[1:3], packed[3:])) == LOG


# ---------------------------------------------------------------- packed


@pytest.mark.parametrize("name", ["a.log", "a.gz", "a.zst"])
def test_packing_is_known_by_the_magic_number_not_by_the_name(tmp_path: Path, name: str) -> None:
    assert content(source(tmp_path / name, gzip.compress(LOG))) == LOG
    assert content(source(tmp_path / name, LOG)) == LOG


def test_members_follow_each_other_and_zeros_and_rubbish_after_them_do_no_harm(tmp_path: Path) -> None:
    double = gzip.compress(LOG) + gzip.compress(b"end\n")
    for tail, notes in ((b"", 0), (b"\0" * 2_000, 0), (b"rubbish", 1), (b"r", 1)):
        found = source(tmp_path / "a.gz", double + tail)
        assert content(found) == LOG + b"end\n"
        assert len(found.notes) == notes


def test_a_gzip_that_is_cut_short_keeps_everything_before_the_cut(tmp_path: Path) -> None:
    data = os.urandom(50_000).hex().encode()
    packed = gzip.compress(data)
    cut = len(packed) * 2 // 3
    found = source(tmp_path / "a.gz", packed[:cut])
    kept = content(found)
    inflater = zlib.decompressobj(wbits=31)
    assert kept == inflater.decompress(packed[:cut]) and data.startswith(kept) and len(kept) > len(data) // 2
    assert found.notes == ["the gzip data is cut short: what comes before the cut was read"]


def test_a_damaged_gzip_keeps_everything_before_the_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LOG))
    packed[-6] ^= 1  # the check sum: all of the data is sound
    found = source(tmp_path / "a.gz", bytes(packed))
    assert content(found) == LOG
    assert found.notes == ["the gzip data is damaged: what comes before the damage was read"]


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "RATIO_AFTER", 1 << 21)
    found = source(tmp_path / "a.gz", gzip.compress(b"\n" * (1 << 23)))
    seen = 0
    with pytest.raises(UnreadableInput, match="unpacks to more than 200 times its size"):
        for block in found.blocks():
            seen += len(block)
    assert seen <= 1 << 22


def test_zstd_is_unpacked_frame_after_frame(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    pack = zstandard.ZstdCompressor().compress
    found = source(tmp_path / "a", pack(LOG) + pack(b"end\n"))
    assert content(found) == LOG + b"end\n" and not found.notes
    cut = source(tmp_path / "b", pack(LOG)[:-20])
    assert LOG.startswith(content(cut)) and cut.notes
    assert source(tmp_path / "c", pack(LOG) + b"rubbish").notes == []
    torn = source(tmp_path / "d", pack(LOG) + b"rubbish")
    assert content(torn) == LOG and torn.notes == ["what follows the zstd data is not zstd and was left out"]


def test_zstd_without_a_library_says_how_to_install_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("compression.zstd", "backports.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableInput) as caught:
        content(source(tmp_path / "a", inflate.ZSTD_MAGIC + b"\0" * 20))
    assert caught.value.hint == extra("zstd")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=40), st.integers(1, 64))
def test_no_bytes_after_a_magic_number_raise(data: bytes, tail: bytes, piece: int) -> None:
    for packed in (inflate.GZIP_MAGIC + tail, gzip.compress(data)[:-3] + tail, gzip.compress(data) + tail):
        chunks = iter([packed[at : at + piece] for at in range(0, len(packed), piece)])
        notes: list[str] = []
        out = b"".join(inflate.inflate("a", chunks, notes.append))
        assert data.startswith(out) or out == data or notes


def tar(format: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        entry = tarfile.TarInfo("a.log")
        entry.size = len(LOG)
        archive.addfile(entry, io.BytesIO(LOG))
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


ARCHIVES = {
    "gnu tar": (tar(tarfile.GNU_FORMAT), "a tar archive", "tar -xOf"),
    "pax tar": (tar(tarfile.PAX_FORMAT), "a tar archive", "tar -xOf"),
    "tgz": (gzip.compress(tar(tarfile.GNU_FORMAT)), "a tar archive", "tar -xOf"),
    "zip": (zipped(a=LOG), "a zip archive", "unzip -p"),
    "empty zip": (zipped(), "a zip archive", "unzip -p"),
    "bzip2": (bz2.compress(LOG), "packed by bzip2", "bzip2 -dc"),
    "xz": (lzma.compress(LOG), "packed by xz", "xz -dc"),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_packing_that_is_not_read_is_named_with_what_unpacks_it(tmp_path: Path, kind: str) -> None:
    data, name, unpack = ARCHIVES[kind]
    path = tmp_path / "my app.log"
    with pytest.raises(UnreadableInput, match=f"is {name}") as caught:
        content(source(path, data))
    assert caught.value.hint == f"{unpack} '{path}' | floodscan"
    with pytest.raises(UnreadableInput, match=f"stdin: is {name}") as caught:
        content(piped(*(data[at : at + 1] for at in range(400)), data[400:]))
    assert caught.value.hint == f"save it as a file, then {unpack} FILE | floodscan"


def test_a_tar_in_zstd_is_named(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    with pytest.raises(UnreadableInput, match="is a tar archive"):
        content(source(tmp_path / "a", zstandard.ZstdCompressor().compress(tar(tarfile.GNU_FORMAT))))


@pytest.mark.parametrize("text", [b"BZh9 is ready\n", b"PK\n", b"x" * 257 + b"ustar  of the day\n", b"x" * 257 + b"ustar"])
def test_text_that_looks_like_a_packing_is_read(tmp_path: Path, text: bytes) -> None:
    assert content(source(tmp_path / "a.log", text + LOG)) == text + LOG


# ---------------------------------------------------------------- text


def test_utf16_with_a_byte_order_mark_becomes_utf8(tmp_path: Path) -> None:
    text = '{"msg":"\u00e9t\u00e9 \U0001f600"}\r\n' * 5_000
    for encoding in ("utf-16-le", "utf-16-be"):
        data = "\ufeff".encode(encoding) + text.encode(encoding)
        assert content(source(tmp_path / "a.log", data)) == text.encode()


def one_by_one(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize(
    ("given_", "wanted"),
    [(b"a\rb\rc", b"a\nb\nc"), (b"a\r\nb", b"a\r\nb"), (b"a\r\r\nb", b"a\r\r\nb"), (b"a\r\rb", b"a\r\nb"),
     (b"a\r", b"a\n")],
)
def test_a_lone_carriage_return_ends_a_line(given_: bytes, wanted: bytes) -> None:
    assert b"".join(lone_cr_to_lf(iter([given_]))) == wanted


@given(st.lists(st.sampled_from([b"\r", b"\n", b"x", b"yy"]), max_size=30).map(b"".join), st.integers(1, 5))
def test_where_a_chunk_ends_does_not_matter(data: bytes, size: int) -> None:
    apart = b"".join(lone_cr_to_lf(one_by_one(data, size)))
    assert apart == b"".join(lone_cr_to_lf(iter([data]))) and len(apart) == len(data)


@given(st.binary(max_size=200), st.integers(1, 20), st.integers(1, 20))
def test_blocks_are_of_one_size_whatever_came(data: bytes, came: int, size: int) -> None:
    blocks = list(reblock(one_by_one(data, came), size))
    assert b"".join(blocks) == data
    assert all(len(block) == size for block in blocks[:-1])


@pytest.mark.parametrize("size", [BLOCK, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (1 << 20) + BLOCK, 3 * (1 << 20)])
def test_no_line_is_lost_where_the_head_that_fixes_the_facts_ends(tmp_path: Path, size: int) -> None:
    line = b'{"level":30,"time":1795414006624,"pid":7,"hostname":"api-1","msg":"request completed"}\n'
    path = tmp_path / "long.jsonl"
    path.write_bytes(line * (size // len(line) + 1))
    sources, _ = find_sources([str(path)])
    profile = evaluate(sources).profile
    assert profile.lines == profile.records == size // len(line) + 1
    assert profile.bytes == path.stat().st_size
    assert sum(1 for _ in records(sources[0])) == profile.records
