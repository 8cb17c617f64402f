"""Records -> profile: the one fold that every engine evaluates, over one source or a range of its blocks."""

from __future__ import annotations

from collections.abc import Iterable

from floodscan.model import BLOCK, OUTSIDE, Record, Skipped
from floodscan.profile.profile import Placed, Profile
from floodscan.profile.timeline import joined_spans
from floodscan.signature import is_failure, signature_of
from floodscan.value import frozen

SOURCE_SHIFT = 40
"""Bits of a position that hold the line: positions of one source stay below the next one's."""
REVERSE = (1 << (SOURCE_SHIFT - 1)) - 1


DAY_MS = 86_400_000


@frozen
class Window:
    """The time asked for, in milliseconds. Ends below a day are times of day, which hold on every day of the log.

    `utc_offset_ms`: the zone of times of day, for logs whose times have one.
    """

    since_ms: int | None = None
    until_ms: int | None = None
    utc_offset_ms: int = 0

    def holds(self, time: int, *, dated: bool) -> bool:
        """Whether a record's time lies in it, both ends included."""
        of_day = (time + (self.utc_offset_ms if dated else 0)) % DAY_MS
        since, until = self.since_ms, self.until_ms
        if since is not None and (of_day if since < DAY_MS else time) < since:
            return False
        return until is None or (of_day if until < DAY_MS else time) <= until


ALWAYS = Window()


def position_of(source: int, line: int, *, reverse: bool) -> int:
    """Where a record stands in the input: by source, then by line; backwards in a file that has the newest first."""
    return (source << SOURCE_SHIFT) + (REVERSE - line if reverse else line)


def place_of(position: int) -> tuple[int, int]:
    """(source, line) of a position."""
    source, line = position >> SOURCE_SHIFT, position & ((1 << SOURCE_SHIFT) - 1)
    return source, REVERSE - line if line > REVERSE // 2 else line


def fold(
    items: Iterable[Record | Skipped],
    profile: Profile,
    source: int = 0,
    *,
    reverse: bool = False,
    window: Window = ALWAYS,
    block: int = BLOCK,
) -> None:
    """Adds the records of one source (from a block's beginning to a block's end) to `profile`, block by block.

    Records outside the window are counted as skipped; those without a time are kept.
    Where `items` breaks off with an error, what came before it is added all the same.
    """
    placed: list[Placed] = []
    at = -1
    try:
        for item in items:
            if isinstance(item, Skipped):
                profile.skip(item)
                continue
            if item.time is not None and window is not ALWAYS and not window.holds(item.time, dated=item.dated):
                profile.skip(Skipped(OUTSIDE, item.line, item.lines, item.offset, item.size))
                profile.outside = joined_spans(profile.outside, (item.time, item.time))
                profile.outside_undated += 0 if item.dated else item.lines
                continue
            number = item.offset // block
            if number != at and placed:
                profile.absorb_block((source, at), placed)
                placed = []
            at = number
            where = position_of(source, item.line, reverse=reverse)
            placed.append((item, signature_of(item), is_failure(item), where))
    finally:
        if placed:
            profile.absorb_block((source, at), placed)
        profile.sweep()
