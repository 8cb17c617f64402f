"""The one list of tasks that all engines share: ranges of large plain files, and batches of whole smaller ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from floodscan.decode import Facts
from floodscan.engines.machine import cores
from floodscan.engines.pieces import Piece, offset_of, with_facts
from floodscan.errors import UnreadableInput
from floodscan.model import BLOCK
from floodscan.read.sources import Source
from floodscan.value import frozen

SMALLEST: Final = 8 << 20
"""Bytes of a task at least, but for the last round: each reads a megabyte before its range again, and gives a profile that must be added."""
LARGEST: Final = 256 << 20
"""Bytes of a cluster's task at most: what is lost with a worker, and the step of its progress."""
PER_SLOT: Final = 4
"""Tasks for each of a cluster's threads, so that a slow one holds up the others by no more than a part of its share."""
PACKED: Final = (".gz", ".zst")
UNPACKED: Final = 8
"""What a packed log grows by, about: only the evenness of the tasks depends on it."""
AT_ONCE: Final = 16
"""Beginnings of large sources that are read at a time: over a network each is a wait."""


@frozen
class Task:
    """What one worker folds at a stretch."""

    pieces: tuple[Piece, ...]
    size: int
    """Bytes on disk: what progress is counted in."""
    weight: int
    """Bytes to fold, as far as can be guessed."""


def chunk_size(
    sources: Sequence[Source], slots: int, largest: int = LARGEST, per_slot: int = PER_SLOT, ahead: int = 0
) -> int:
    """Bytes of a task, a multiple of BLOCK, for so many workers, one of which does `ahead` bytes more than the others."""
    total = sum(_weight(source) for source in sources) - ahead
    wanted = min(largest, max(SMALLEST, -(-total // (slots * per_slot))))
    rounds = max(
        1, math.ceil(total / (wanted * slots))
    )  # whole ones: in a last round of one task the others would wait
    return math.ceil(max(SMALLEST / 2, total / (rounds * slots)) / BLOCK) * BLOCK


def is_small(sources: Sequence[Source]) -> bool:
    """Whether there is too little for two processes to share."""
    return sum(_weight(source) for source in sources) < 2 * SMALLEST


def wanted(sources: Sequence[Source], jobs: int | None) -> int:
    """How many processes are worth it: as many as were asked for, else as the machine allows; one for small input."""
    away = [source for source in sources if source.anywhere()]
    if not away:
        return 1
    if jobs is not None:
        return jobs
    return 1 if is_small(away) else cores()


def plan(
    sources: Sequence[Source],
    chunk: int,
    count: Callable[[list[Piece]], list[int | None]],
    *,
    utc_offset_ms: int = 0,
    ahead: int = 0,
) -> tuple[list[Task], list[Piece]]:
    """The tasks for workers, the largest first, and the pieces that only this process can read (stdin, pipes).

    count: the newlines of each of some ranges, None for one that can't be read: a range's lines have the numbers that
    they have in the whole. What is left of a source behind its last whole range goes with that, if it is at most `ahead`
    bytes.
    """
    here = [Piece(number, source) for number, source in enumerate(sources) if not source.anywhere()]
    away = [(number, source) for number, source in enumerate(sources) if source.anywhere()]
    large = [(number, source) for number, source in away if (source.size or 0) > chunk]
    cut = _cut(large, chunk, count, utc_offset_ms, ahead)
    tasks = [Task((piece,), *_range_size(piece)) for pieces in cut.values() for piece in pieces]
    tasks += _batches([(number, source) for number, source in away if number not in cut], chunk)
    return sorted(tasks, key=lambda task: -task.weight), here


def _cut(
    large: list[tuple[int, Source]],
    chunk: int,
    count: Callable[[list[Piece]], list[int | None]],
    utc_offset_ms: int,
    ahead: int,
) -> dict[int, list[Piece]]:
    """The ranges of each source that can be read in ranges, by number."""
    facts = _facts(large, utc_offset_ms)
    starts = {number: range(0, max(1, (source.size or 0) - ahead), chunk) for number, source in large if number in facts}
    ranges = [
        Piece(number, source, a, b)
        for number, source in large
        if number in facts
        for a, b in pairwise(offset_of(start) for start in starts[number])
    ]
    counted = iter(count(ranges))
    out: dict[int, list[Piece]] = {}
    for number, source in large:
        if number not in facts:
            continue
        lines, known = [1], True
        for _ in range(len(starts[number]) - 1):
            found = next(counted)
            known = known and found is not None
            lines.append(lines[-1] + (found or 0))
        if known:
            ends = [*starts[number][1:], None]
            out[number] = [
                Piece(number, source, start, end, line, facts[number])
                for start, end, line in zip(starts[number], ends, lines, strict=True)
            ]
    return out


def split(piece: Piece, size: int) -> list[Piece]:
    """A range that has an end in ranges of `size` bytes, a multiple of BLOCK."""
    assert piece.end is not None
    cuts = [*range(piece.start, piece.end, size), piece.end]
    return [replace(piece, start=start, end=end) for start, end in pairwise(cuts)]


def _facts(large: list[tuple[int, Source]], utc_offset_ms: int) -> dict[int, Facts]:
    """The facts of the sources that can be read in ranges: plain ones, whose times have a date."""

    def look(source: Source) -> Facts | None:
        try:
            if source.plain():
                facts, _ = with_facts(source.blocks(), utc_offset_ms)
                return facts if facts.dated else None
        except UnreadableInput:
            pass  # whoever folds it will say so
        return None

    if not large:
        return {}
    from concurrent.futures import ThreadPoolExecutor  # a small log is planned too, and never needs it

    with ThreadPoolExecutor(min(AT_ONCE, len(large))) as pool:
        looked = pool.map(look, [source for _, source in large])
        return {number: facts for (number, _), facts in zip(large, looked, strict=True) if facts is not None}


def _batches(whole: list[tuple[int, Source]], chunk: int) -> list[Task]:
    """Whole sources, small ones together."""
    out: list[Task] = []
    pieces: list[Piece] = []
    size = weight = 0
    for number, source in whole:
        if pieces and weight + _weight(source) > chunk:
            out.append(Task(tuple(pieces), size, weight))
            pieces, size, weight = [], 0, 0
        pieces.append(Piece(number, source))
        size += source.size or 0
        weight += _weight(source)
    return [*out, Task(tuple(pieces), size, weight)] if pieces else out


def _weight(source: Source) -> int:
    return (source.size or 0) * (UNPACKED if source.name.endswith(PACKED) else 1)


def _range_size(piece: Piece) -> tuple[int, int]:
    size = (piece.source.size or 0 if piece.end is None else piece.end) - piece.start
    return size, size
