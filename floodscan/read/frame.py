"""Physical lines to logical records as text: carriers taken off, split lines joined, continuations put to their heads.

Whatever is decided about a line follows from its own text and from lines of its service at most `limits.lookback` bytes
before it, never from where the reading began. So a stream may be read in ranges, and the ranges' records are those of
the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from floodscan.model import Skipped
from floodscan.read.framer import Frame, Framer, ServiceKey
from floodscan.read.limits import LIMITS, Limits
from floodscan.read.lines import Ahead, physical_lines
from floodscan.read.plausible import is_deep

Take = Callable[[bytes, int, int, int, int, int, int | None], tuple[int, int, Collection[ServiceKey], bool]]
"""(data, start, offset of data[0], number of the line at start, lowest and highest offset, where the first record begins
that has not been yielded) to the first line that is left, its number, the services of the lines that were taken, and
whether it is to be offered again with more data."""
_NEVER = 1 << 62


def frames(
    blocks: Iterable[bytes],
    *,
    offset: int = 0,
    first_line: int = 1,
    own_from: int = 0,
    own_to: int | None = None,
    limits: Limits = LIMITS,
    take: Take | None = None,
) -> Iterator[Frame | Skipped]:
    """The logical records of a stream and its skips, in the order of their first bytes.

    blocks: the decompressed stream from byte `offset` (a multiple of `limits.block`) on; `first_line` is the number of
    the line there. Only what begins in [own_from, own_to) is yielded; to have it exactly as in the whole stream,
    `offset` must be 0 or at most `own_from - limits.lookback`. No more blocks are taken than are needed, which
    is at most `limits.lookahead` bytes after `own_to`.

    Lines that hold JSON, or begin as pino-pretty's do, are offered to `take` first; those that it takes are not yielded.
    They must be whole records, which nothing after them joins.
    """
    framer = Framer(limits)
    end = _NEVER if own_to is None else own_to
    for item in physical_lines(blocks, offset=offset, first_line=first_line, limits=limits, ahead=take is not None):
        if isinstance(item, Ahead):
            if take is not None and framer.whole:
                item.start, item.number, services, item.waits = take(
                    item.data, item.start, item.base, item.number, own_from, end, framer.waits_from
                )
                for service in services:
                    framer.passed_whole_line(service)
                for out in framer.ready(item.base + item.start):
                    if own_from <= out.offset < end:
                        yield out
            continue
        if item.offset >= end and framer.nothing_before(end):
            return
        if isinstance(item, Skipped):
            framer.skip(item)
        else:
            at, number, data, size = item
            if data[:1] == b"{" and data[-1:] == b"}" and framer.idle:
                # A line of plain JSON with nothing open: what `framer.take` would give, at a fifth of the price.
                text = data.decode("utf-8", "replace")
                if not may_be_wrapped(text):
                    framer.passed_whole_line()
                    if own_from <= at < end:
                        deep = is_deep(text)
                        yield Skipped("depth", number, 1, at, size) if deep else Frame(text, number, 1, at, size)
                    continue
            framer.take(item)
        for out in framer.ready(item.offset):
            if own_from <= out.offset < end:
                yield out
    for out in framer.finish():
        if own_from <= out.offset < end:
            yield out


def may_be_wrapped(text: str) -> bool:
    """Whether a carrier may stand around a line of JSON, or colours in it."""
    return text.startswith('{"log":') or '"__REALTIME_TIMESTAMP"' in text or "\x1b" in text
