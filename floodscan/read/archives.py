"""Packings that are not read: known by their first bytes, so that one is an error with a way out, not a log of rubbish."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Final

from floodscan.errors import UnreadableInput
from floodscan.value import frozen


@frozen
class Packing:
    """How bytes lie in a packing, and what unpacks it to stdout."""

    name: str
    magic: tuple[bytes, ...]
    unpack: str
    """The command, to be followed by the file."""
    at: int = 0


PACKINGS: Final = (
    Packing("a tar archive", (b"ustar\x0000", b"ustar  \0"), "tar -xOf", at=257),
    Packing("a zip archive", (b"PK\x03\x04", b"PK\x05\x06\0\0\0\0"), "unzip -p"),
    Packing("packed by bzip2", (*(b"BZh%d1AY&SY" % level for level in range(1, 10)),), "bzip2 -dc"),
    Packing("packed by xz", (b"\xfd7zXZ\0",), "xz -dc"),
)
"""Of tar both marks end in a NUL or hold one, and of bzip2 the block's mark is asked for too: no line of text has them."""
_HEAD: Final = 265


def refuse_archives(name: str, chunks: Iterator[bytes], *, file: bool) -> Iterator[bytes]:
    """The same chunks. Raises UnreadableInput where they begin a packing that is not read.

    file: whether `name` is a file's, which the hint's command can be given.
    """
    head = next(chunks, b"")
    while len(head) < _HEAD and (more := next(chunks, b"")):
        head += more
    for packing in PACKINGS:
        if head.startswith(packing.magic, packing.at):
            way = f"{packing.unpack} {quote(name)}" if file else f"save it as a file, then {packing.unpack} FILE"
            raise UnreadableInput(name, f"is {packing.name} and no plain log", hint=f"{way} | floodscan")
    if head:
        yield head
    yield from chunks
