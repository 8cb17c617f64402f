"""Records -> profile: the one fold that every engine evaluates, over one source or a range of its blocks."""

from __future__ import annotations

from collections.abc import Iterable

from floodscan.model import BLOCK, Record, Skipped
from floodscan.profile.profile import Placed, Profile
from floodscan.signature import is_failure, signature_of

SOURCE_SHIFT = 40
"""Bits of a position that hold the line: positions of one source stay below the next one's."""
OUTSIDE = "outside the time asked for"
"""Why a record before `since_ms` or after `until_ms` is skipped."""
REVERSE = (1 << (SOURCE_SHIFT - 1)) - 1


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
    since_ms: int | None = None,
    until_ms: int | None = None,
    block: int = BLOCK,
) -> None:
    """Adds the records of one source (from a block's beginning to a block's end) to `profile`, block by block.

    Records before `since_ms` or after `until_ms` are counted as skipped; those without a time are kept.
    Where `items` breaks off with an error, what came before it is added all the same.
    """
    placed: list[Placed] = []
    at = -1
    try:
        for item in items:
            if isinstance(item, Skipped):
                profile.skip(item)
                continue
            time = item.time
            if time is not None and (
                since_ms is not None and time < since_ms or until_ms is not None and time > until_ms
            ):
                profile.skip(Skipped(OUTSIDE, item.line, item.lines, item.offset, item.size))
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
