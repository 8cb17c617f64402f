"""Decompression of gzip and zstd streams that keeps everything before a cut, and stops at a bomb."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Final

from floodscan.errors import UnreadableInput, extra

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE: Final = tuple(bytes((low,)) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))

PIECE: Final = 1 << 20
"""Most bytes that one step of decompression gives: the bound of what a bomb can put into memory."""
RATIO: Final = 200
RATIO_AFTER: Final = 64 << 20
"""A stream that has grown past this many bytes and past RATIO times its packed size is taken for a bomb."""

Note = Callable[[str], None]
Chunks = Iterator[bytes]


def is_packed(head: bytes) -> bool:
    """True where a stream that begins with `head` is gzip or zstd."""
    return head.startswith((GZIP_MAGIC, ZSTD_MAGIC, *_ZSTD_SKIPPABLE))


def inflate(name: str, chunks: Chunks, note: Note) -> Chunks:
    """The plain bytes of `chunks`, by the magic number of their start; plain ones come through as they are.

    `note` hears what was wrong with the packing (cut short, damaged, rubbish at the end). Raises UnreadableInput where
    zstd has no library, or the stream unpacks to more than RATIO times its size.
    """
    first = next(chunks, b"")
    while len(first) < 4 and (more := next(chunks, b"")):
        first += more
    whole = _put_back(first, chunks)
    if first.startswith(GZIP_MAGIC):
        return _gzip(name, whole, note)
    if first.startswith((ZSTD_MAGIC, *_ZSTD_SKIPPABLE)):
        return _zstd(name, whole, note)
    return whole


def _put_back(first: bytes, chunks: Chunks) -> Chunks:
    if first:
        yield first
    yield from chunks


class _Ratio:
    """Counts packed and plain bytes, and raises at a bomb."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._packed = 0
        self._plain = 0

    def packed(self, count: int) -> None:
        self._packed += count

    def plain(self, count: int) -> None:
        self._plain += count
        if self._plain > RATIO_AFTER and self._plain > RATIO * self._packed:
            raise UnreadableInput(
                self._name,
                f"unpacks to more than {RATIO} times its size",
                hint="unpack it yourself and pass the plain file if you trust it",
            )


def _gzip(name: str, chunks: Chunks, note: Note) -> Chunks:
    """Member after member. zlib itself, not the gzip module: that one loses the tail before a cut."""
    ratio = _Ratio(name)
    member: zlib._Decompress | None = None
    rest = b""
    members = 0
    for chunk in chunks:
        ratio.packed(len(chunk))
        data = rest + chunk
        rest = b""
        while data:
            if member is None:
                data = data.lstrip(b"\0") if members else data
                if len(data) < 2:
                    rest, data = data, b""
                    break
                if not data.startswith(GZIP_MAGIC):
                    note("what follows the gzip data is not gzip and was left out")
                    return
                member = zlib.decompressobj(wbits=31)
            saved = member.copy()
            try:
                plain = member.decompress(data, PIECE)
            except zlib.error:
                note("the gzip data is damaged: what comes before the damage was read")
                plain = _until_damage(saved, data)
                ratio.plain(len(plain))
                yield plain
                return
            ratio.plain(len(plain))
            if plain:
                yield plain
            if member.eof:
                members += 1
                data, member = member.unused_data, None
            else:
                data = member.unconsumed_tail
    if member is not None:
        tail = member.flush()
        note("the gzip data is cut short: what comes before the cut was read")
        if tail:
            yield tail
    elif rest:
        note("what follows the gzip data is not gzip and was left out")


def _until_damage(member: zlib._Decompress, data: bytes) -> bytes:
    """Byte by byte over the step that failed, because zlib drops what it had unpacked in it."""
    plain = bytearray()
    try:
        for at in range(len(data)):
            plain += member.decompress(data[at : at + 1], PIECE)
            while member.unconsumed_tail and len(plain) < 2 * PIECE:
                plain += member.decompress(member.unconsumed_tail, PIECE)
            if len(plain) >= 2 * PIECE:
                break
    except zlib.error:
        pass
    return bytes(plain)


def _zstd(name: str, chunks: Chunks, note: Note) -> Chunks:
    """Frame after frame, by whichever zstd library is installed."""
    new_frame, damaged = _zstd_library(name)
    ratio = _Ratio(name)
    frame: Any = None
    rest = b""
    for step in _steps(chunks, _ZSTD_STEP):
        ratio.packed(len(step))
        data = rest + step
        rest = b""
        while data:
            if frame is None:
                if len(data) < len(ZSTD_MAGIC):
                    rest = data
                    break
                if not data.startswith((ZSTD_MAGIC, *_ZSTD_SKIPPABLE)):
                    note("what follows the zstd data is not zstd and was left out")
                    return
                frame = new_frame()
            try:
                plain = frame.decompress(data)
            except damaged:
                note("the zstd data is damaged: what comes before the damage was read")
                return
            ratio.plain(len(plain))
            if plain:
                yield plain
            data = b""
            if frame.eof:
                data, frame = frame.unused_data, None
    if frame is not None:
        note("the zstd data is cut short: what comes before the cut was read")
    elif rest:
        note("what follows the zstd data is not zstd and was left out")


_ZSTD_STEP: Final = 1024
"""Packed bytes at a time: this interface can't bound what one step gives, and four bytes may give 128 KiB."""


def _steps(chunks: Chunks, size: int) -> Chunks:
    for chunk in chunks:
        for at in range(0, len(chunk), size):
            yield chunk[at : at + size]


def _zstd_library(name: str) -> tuple[Callable[[], Any], tuple[type[Exception], ...]]:
    """A maker of one-frame decompressors (`decompress`, `eof`, `unused_data`), and what they raise on damage."""
    for module, maker, error in (
        ("compression.zstd", "ZstdDecompressor", "ZstdError"),
        ("backports.zstd", "ZstdDecompressor", "ZstdError"),
        ("zstandard", "ZstdDecompressor", "ZstdError"),
    ):
        try:
            library = import_module(module)
        except ImportError:
            continue
        make = getattr(library, maker)
        if module == "zstandard":
            return (lambda make=make: make().decompressobj()), (getattr(library, error),)
        return make, (getattr(library, error), EOFError)
    raise UnreadableInput(name, "is zstd data, and no zstd library is installed", hint=extra("zstd"))
