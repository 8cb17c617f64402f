"""The plainest evaluator of the sum: one process, one source after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from floodscan.decode import facts_of, read_records
from floodscan.model import BLOCK, Record, Skipped
from floodscan.profile.fold import fold
from floodscan.profile.profile import Profile
from floodscan.read.sources import Source

HEAD_BLOCKS = (1 << 20) // BLOCK
"""Blocks that fix the facts of a source: its first megabyte."""


def evaluate(
    sources: Sequence[Source],
    *,
    utc_offset_ms: int = 0,
    since_ms: int | None = None,
    until_ms: int | None = None,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Profile:
    """The profile of all sources. `on_progress` is told the bytes read so far; `stop` ends the reading when true."""
    profile = Profile()
    read = 0

    def watched(blocks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal read
        for block in blocks:
            if stop is not None and stop():
                return
            yield block
            read += len(block)
            if on_progress is not None:
                on_progress(read)

    for number, source in enumerate(sources):
        blocks = source.blocks()
        head = [block for block, _ in zip(blocks, range(HEAD_BLOCKS), strict=False)]
        facts = facts_of(b"".join(head), utc_offset_ms=utc_offset_ms)
        items = read_records(watched(chain(head, blocks)), facts)
        fold(items, profile, number, reverse=facts.reversed, since_ms=since_ms, until_ms=until_ms)
    profile.sweep()
    return profile


def records(source: Source, *, utc_offset_ms: int = 0) -> Iterator[Record | Skipped]:
    """The records of one source, in the order of their first bytes."""
    blocks = source.blocks()
    head = [block for block, _ in zip(blocks, range(HEAD_BLOCKS), strict=False)]
    facts = facts_of(b"".join(head), utc_offset_ms=utc_offset_ms)
    yield from read_records(chain(head, blocks), facts)
