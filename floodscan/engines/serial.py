"""The plainest evaluator of the sum: one process, one source after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from floodscan.decode import Facts, facts_of, read_records
from floodscan.errors import UnreadableInput
from floodscan.model import BLOCK, Record, Skipped
from floodscan.profile.fold import ALWAYS, Window, fold
from floodscan.profile.profile import Profile
from floodscan.read.sources import Source

HEAD_BLOCKS = (1 << 20) // BLOCK
"""Blocks that fix the facts of a source: its first megabyte."""


@dataclass(slots=True)
class Evaluation:
    """The profile, the sources that could not be read to their end or at all, and whether the reading was ended."""

    profile: Profile
    unreadable: list[UnreadableInput] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    """Names of sources without a line."""
    ended: bool = False


def evaluate(
    sources: Sequence[Source],
    *,
    utc_offset_ms: int = 0,
    window: Window = ALWAYS,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """The profile of all sources. `on_progress` is told the bytes read so far; `stop` ends the reading when true."""
    out = Evaluation(Profile())
    read = 0

    def watched(blocks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal read
        for block in blocks:
            yield block
            read += len(block)
            if on_progress is not None:
                on_progress(read)
            if stop is not None and stop():
                out.ended = True
                return

    for number, source in enumerate(sources):
        lines = out.profile.lines
        try:
            facts, items = _records(watched(source.blocks()), utc_offset_ms)
            fold(items, out.profile, number, reverse=facts.reversed, window=window)
        except UnreadableInput as error:
            out.unreadable.append(error)
        else:
            if out.profile.lines == lines:
                out.empty.append(source.name)
        if out.ended or source.interrupted:
            out.ended = True
            break
    out.profile.sweep()
    return out


def records(source: Source, *, utc_offset_ms: int = 0) -> Iterator[Record | Skipped]:
    """The records of one source, in the order of their first bytes."""
    return _records(source.blocks(), utc_offset_ms)[1]


def _records(blocks: Iterator[bytes], utc_offset_ms: int) -> tuple[Facts, Iterator[Record | Skipped]]:
    head = list(islice(blocks, HEAD_BLOCKS))
    facts = facts_of(b"".join(head), utc_offset_ms=utc_offset_ms)
    return facts, read_records(chain(head, blocks), facts)

