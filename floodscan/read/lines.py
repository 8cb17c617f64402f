"""Blocks to physical lines, with what can't be one (oversize lines, holes of NULs) as skips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from floodscan.errors import UnreadableInput
from floodscan.model import Skipped
from floodscan.read.limits import LIMITS, Limits
from floodscan.value import mutable

_BLANKS: Final = (b" ", b"\t")
_PREFIX: Final = 256
"""Bytes of a line at most before the object of JSON that it holds."""


class Line(NamedTuple):
    """A physical line without its line end."""

    offset: int
    """Of its first byte in the decompressed stream."""
    number: int
    data: bytes
    size: int
    """Bytes, the line end counted."""


@mutable
class Ahead:
    """Lines that may be taken before they are cut: who does so moves `start` and `number` on."""

    data: bytes
    base: int
    """Offset of data[0] in the decompressed stream."""
    start: int
    """Where in `data` the next line begins."""
    number: int
    """Of the line at `start`."""
    waits: bool = False
    """Whether what is left is to be offered again with the next block, before a line of it is cut."""


def physical_lines(
    blocks: Iterable[bytes], *, offset: int = 0, first_line: int = 1, limits: Limits = LIMITS, ahead: bool = False
) -> Iterator[Line | Skipped | Ahead]:
    """Cut a stream into lines. Lines end at a line feed; a carriage return before it belongs to the line end.

    `blocks` begin at byte `offset`, a multiple of the block size; where that isn't 0 the reader may stand in the
    middle of a line and drops what it sees of it. `first_line` is the number of the line at `offset`.

    A line longer than `limits.line` comes as pieces, cut at multiples of the block size: Skipped("oversize"), the
    piece with the line's first byte counting one line, the others none. A block of nothing but NULs (a hole that
    copytruncate leaves) ends the line before it and is Skipped("binary"); the NULs after it are too. So what a byte
    becomes depends on no more than `limits.lookback` bytes before it.

    With `ahead`, an Ahead comes before every line that may hold an object of JSON, or be the head of pino-pretty's.
    """
    cutter = _Cutter(offset, first_line, limits, ahead)
    try:
        for block in blocks:
            yield from cutter.take(block)
    except UnreadableInput:
        yield from cutter.waiting()
        raise
    yield from cutter.end()


class _Cutter:
    """The state between two blocks: an unfinished line, or how much of a line has been passed over."""

    def __init__(self, offset: int, first_line: int, limits: Limits, ahead: bool) -> None:
        self._at = offset
        """Offset of the next block's first byte."""
        self._number = first_line
        self._limits = limits
        self._held = b""
        """What has come of the line that is not finished, or of lines that wait; it begins at `_at - len(_held)`."""
        self._passed: int | None = 0 if offset else None
        """Bytes of the current line that were passed over: it is oversize, or the reader began in its middle."""
        self._after_hole = False
        self._ahead = ahead

    def take(self, block: bytes) -> Iterator[Line | Skipped | Ahead]:
        if not block[-1:].strip(b"\0") and not block[:1].strip(b"\0") and not block.strip(b"\0"):
            if len(block) == self._limits.block:
                yield from self._hole(block)
                return
        if self._after_hole:
            rest = block.lstrip(b"\0")
            if len(rest) < len(block):
                yield Skipped("binary", self._number, 0, self._at, len(block) - len(rest))
                self._at += len(block) - len(rest)
                block = rest
            self._after_hole = False
        if self._passed is not None:
            cut = block.find(b"\n") + 1
            yield from self._pass_over(block[: cut or len(block)], finished=cut > 0)
            if not cut:
                return
            block = block[cut:]
        yield from self._offered(block) if self._ahead else self._split(block)

    def end(self) -> Iterator[Line | Skipped]:
        if self._held:
            yield from self._flush()

    def _split(self, block: bytes) -> Iterator[Line | Skipped]:
        pieces = block.split(b"\n")
        pieces[0] = self._held + pieces[0]
        at, number = self._at - len(self._held), self._number
        self._at += len(block)
        self._held = pieces.pop()
        longest = self._limits.line
        for piece in pieces:
            size = len(piece) + 1
            if size > longest:
                yield from self._oversize(at, number, size)
            else:
                yield Line(at, number, piece[:-1] if piece.endswith(b"\r") else piece, size)
            at += size
            number += 1
        self._number = number
        if len(self._held) > longest:
            yield from self._oversize(at, number, len(self._held))
            self._passed, self._held = len(self._held), b""

    def _offered(self, block: bytes) -> Iterator[Line | Skipped | Ahead]:
        """As `_split`, a line at a time, each offered before it is cut."""
        data = self._held + block
        lines = Ahead(data, self._at - len(self._held), 0, self._number)
        self._at += len(block)
        longest = self._limits.line
        while True:
            first = data[lines.start : lines.start + 1]
            if first == b"[" or (first not in _BLANKS and data.find(b"{", lines.start, lines.start + _PREFIX) >= 0):
                yield lines
                if lines.waits and len(data) - lines.start <= longest:
                    break
            start = lines.start
            end = data.find(b"\n", start)
            if end < 0:
                break
            at, size = lines.base + start, end + 1 - start
            if size > longest:
                yield from self._oversize(at, lines.number, size)
            else:
                yield Line(at, lines.number, data[start : end - data.endswith(b"\r", start, end)], size)
            lines.start = end + 1
            lines.number += 1
        self._number, self._held = lines.number, data[lines.start :]
        if len(self._held) > longest:
            yield from self._oversize(self._at - len(self._held), self._number, len(self._held))
            self._passed, self._held = len(self._held), b""

    def _flush(self) -> Iterator[Line | Skipped]:
        """The held lines as they are: the stream, or what can be read of it, ends here."""
        yield from self.waiting()
        size = len(self._held)
        if size:
            yield Line(self._at - size, self._number, self._held.rstrip(b"\r"), size)
        self._held = b""

    def waiting(self) -> Iterator[Line]:
        """The whole lines among those that are held."""
        at = self._at - len(self._held)
        *lines, self._held = self._held.split(b"\n")
        for line in lines:
            yield Line(at, self._number, line.removesuffix(b"\r"), len(line) + 1)
            at += len(line) + 1
            self._number += 1

    def _hole(self, block: bytes) -> Iterator[Line | Skipped]:
        if self._held:
            yield from self._flush()
        self._passed, self._after_hole = None, True
        yield Skipped("binary", self._number, 0, self._at, len(block))
        self._at += len(block)

    def _pass_over(self, part: bytes, *, finished: bool) -> Iterator[Skipped]:
        assert self._passed is not None
        before = self._passed
        if before + len(part) > self._limits.line:
            # What lies before the limit was yielded already, or lies so far back that nobody owns it.
            yield Skipped("oversize", self._number, 0, self._at, len(part))
        self._at += len(part)
        self._passed = None if finished else before + len(part)
        self._number += finished

    def _oversize(self, at: int, number: int, size: int) -> Iterator[Skipped]:
        lines, end, block = 1, at + size, self._limits.block
        while at < end:
            cut = min(end, at - at % block + block)
            yield Skipped("oversize", number, lines, at, cut - at)
            at, lines = cut, 0
