"""Streams of bytes on their way to blocks: UTF-16 to UTF-8, lone carriage returns to line feeds, one size."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Final

from floodscan.regex import regex

_LONE_CR: Final = regex(rb"\r(?![\r\n])")
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def is_utf16(head: bytes) -> bool:
    """True where a stream that begins with `head` names itself UTF-16 by its byte order mark."""
    return head[:2] in _UTF16


def utf16_to_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-8 where the stream begins with a byte order mark of UTF-16; else the same chunks."""
    first = next(chunks, b"")
    while len(first) == 1 and (more := next(chunks, b"")):
        first += more
    encoding = _UTF16.get(first[:2])
    if encoding is None:
        if first:
            yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def lone_cr_to_lf(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Carriage returns that end a line by themselves (old Macs, progress bars) become line feeds, byte for byte.

    Those before a line feed stay. A chunk that ends in one waits for the next, which shows what it is.
    """
    held = b""
    for chunk in chunks:
        if held:
            chunk, held = held + chunk, b""
        if b"\r" in chunk:
            if chunk.endswith(b"\r"):
                chunk, held = chunk[:-1], b"\r"
            # The look-ahead must see the held one: a run of them is one line end.
            chunk = _LONE_CR.sub(b"\n", chunk + held)[: len(chunk)]
        if chunk:
            yield chunk
    if held:
        yield b"\n"


def reblock(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in blocks of exactly `size`, the last one shorter."""
    parts: list[bytes] = []
    have = 0
    for chunk in chunks:
        if not have and len(chunk) == size:
            yield chunk
            continue
        parts.append(chunk)
        have += len(chunk)
        if have >= size:
            whole = b"".join(parts)
            cut = have - have % size
            for at in range(0, cut, size):
                yield whole[at : at + size]
            parts = [whole[cut:]] if have > cut else []
            have -= cut
    if have:
        yield b"".join(parts)
