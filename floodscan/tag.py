"""The signature of every line: what `floodscan tag` prints, and how grouping is measured against labelled logs."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from floodscan.model import BLOCK, Record, Signature, Skipped
from floodscan.rollup import roll_up
from floodscan.signature import signature_of

NONE = "-"
"""In place of an id, for a line that is in no record."""
CHUNK = 1 << 14


class _Lines:
    """One integer a line, in order, kept on disk: a number into the table of signatures, -1 for none.

    A record's lines need not stand together (services interleave), but all begin within a block of its first byte.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.next = 1
        self.open: dict[int, int] = {}

    def put(self, first: int, lines: int, number: int) -> None:
        for line in range(first, first + lines):
            if line == first or line not in self.open:
                self.open[line] = number
        if len(self.open) > 2 * BLOCK:
            self._flush(first - BLOCK)

    def close(self) -> None:
        self._flush(max(self.open, default=0) + 1)

    def _flush(self, until: int) -> None:
        out = array("i", (self.open.pop(line, -1) for line in range(self.next, until)))
        out.tofile(self.file)
        self.next = max(self.next, until)


def tag_lines(items: Iterable[Record | Skipped], known: dict[Signature, int], file: BinaryIO) -> None:
    """Writes the numbers of one source's lines to `file`; `known` numbers the signatures as they come."""
    lines = _Lines(file)
    for item in items:
        if isinstance(item, Skipped):
            lines.put(item.line, item.lines, -1)
        else:
            lines.put(item.line, item.lines, known.setdefault(signature_of(item), len(known)))
    lines.close()


def write_tags(sources: Sequence[Iterable[Record | Skipped]], write: Callable[[int, str], None]) -> None:
    """Calls `write` with the number and the signature's id of every line, source after source.

    The id is that of the roll-up, as in a report. The roll-up needs all signatures, so lines wait in a temporary file.
    """
    known: dict[Signature, int] = {}

    with tempfile.TemporaryFile() as file:
        ends = []
        for items in sources:
            tag_lines(items, known, file)
            ends.append(file.tell())
        names = roll_up(known).names
        ids = [names.get(signature.id, signature.id) for signature in known]
        file.seek(0)
        for end in ends:
            line = 0
            while file.tell() < end:
                part = array("i")
                part.frombytes(file.read(min(part.itemsize * CHUNK, end - file.tell())))
                for number in part:
                    line += 1
                    write(line, NONE if number < 0 else ids[number])
