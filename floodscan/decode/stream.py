"""A stream of blocks to records: framing, decoding, the carrier's clock, and one clock for the whole stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import dropwhile, pairwise
from typing import Final

from floodscan.decode.front import Facts, decode, glance, own_time
from floodscan.decode.levels import level_of
from floodscan.decode.odd_times import day_of_year
from floodscan.decode.times import DAY_MS, Instant, parse_time
from floodscan.memo import Memo
from floodscan.model import BLOCK, Record, Skipped
from floodscan.read.frame import Take, frames
from floodscan.read.framer import Frame
from floodscan.read.kinds import starts_record
from floodscan.read.limits import LIMITS, Limits

SetTime = Callable[[Record, str | None], None]
"""Sets the time of a record by its own and its carrier's; is called for one after the other."""
_MEMO_TEXT: Final = 512
"""Longest text (characters) whose record is remembered."""
_EPOCH: Final = date(1970, 1, 1)
HEAD: Final = 1 << 20
"""Bytes of a source's beginning that settle its facts."""
_LOOKED_AT: Final = 4
"""Blocks of the beginning that are read for its facts, the first and the last among them: all 16 took four times as long."""
_SAMPLED: Final = 1_000
"""Records of them that are decoded, evenly spread: more settle nothing else."""
_ENOUGH: Final = 100
"""Where those blocks hold fewer records than these, or none with a time, all are read."""
_SAME_DAY_MS: Final = DAY_MS // 2
"""A clock without a date that falls back farther has passed midnight; a shorter fall is a late line."""
_SAME_YEAR_MS: Final = 180 * DAY_MS
"""The same for a date without a year."""
_YEAR_MS: Final = 366 * DAY_MS
_LATE_MS: Final = 2 * 3_600_000
"""A line this near to the end of a day that has just passed is a late one, not one after a day of silence."""
_BESIDE_MS: Final = 600_000
"""Farthest that a dated line may lie from the dateless one before it to share its clock: no two zones are nearer."""
_TURNS: Final = 4
"""A source is newest first if its times fall at least this many times as often as they rise."""


def read_records(
    blocks: Iterable[bytes],
    facts: Facts,
    *,
    offset: int = 0,
    first_line: int = 1,
    own_from: int = 0,
    own_to: int | None = None,
    limits: Limits = LIMITS,
    take: Take | None = None,
    set_time: SetTime | None = None,
) -> Iterator[Record | Skipped]:
    """The records of a stream, or of the range [own_from, own_to) of it, and what was skipped, by first byte.

    blocks: the decompressed stream from byte `offset` on (0, or a multiple of `limits.block` at most
    `own_from - limits.lookback`); `first_line` is the number of the line at `offset`. What begins in the range is
    yielded exactly as when the whole stream is read; no more blocks are taken than that needs. Only the day of a clock
    without a date depends on all that came before: such a stream (`facts.dated` False) is read as a whole.
    `take`: see `frames`. `set_time` may set the records' times in the place of `Clock`, and later.
    """
    set_time = set_time or Clock(facts).set
    timeless: Memo[str, Record] = Memo()
    """Records without a time of their own: the same text may come again."""
    for item in frames(
        blocks, offset=offset, first_line=first_line, own_from=own_from, own_to=own_to, limits=limits, take=take
    ):
        if isinstance(item, Skipped):
            yield item
            continue
        lines, size = item.lines, item.size
        known = timeless.get(item.text)
        records = decode(item.text, facts) if known is None else [known.again()]
        if known is None and records[0].time is None and len(item.text) <= _MEMO_TEXT and len(records) == 1:
            timeless.keep(item.text, records[0].again(), len(item.text))
        for record in records:
            place(record, item, lines, size)
            set_time(record, item.clock)
            yield record
            lines = size = 0  # a batch on one line: the line is counted once


def facts_of(head: bytes, *, utc_offset_ms: int = 0) -> Facts:
    """The facts of a source that begins with `head` (its first megabyte, or all of it).

    `utc_offset_ms` is the zone of times that name none: local minus UTC.
    """
    facts = Facts(utc_offset_ms=utc_offset_ms)
    blocks = [head[at : at + BLOCK] for at in range(0, len(head), BLOCK)]
    runs = _spread(blocks)
    families, times = _shown(runs, facts)
    if sum(map(len, runs)) < _ENOUGH or not any(times):
        families, times = _shown([[item for item in frames(blocks) if isinstance(item, Frame)]], facts)
    count = sum(map(len, times))
    is_dated = 2 * sum(instant.dated for run in times for instant in run) >= count
    return Facts(
        families=tuple(sorted(families, key=lambda name: (-families[name], name))),
        utc_offset_ms=utc_offset_ms,
        dated=is_dated,
        reversed=_falls([[instant.ms for instant in run if instant.dated == is_dated] for run in times], dated=is_dated),
        clock=count > 0,
    )


def _spread(blocks: list[bytes]) -> list[list[Frame]]:
    """The records of a few of the blocks, but for those that are cut by a block's ends."""
    runs = []
    for part in range(_LOOKED_AT if len(blocks) > _LOOKED_AT else 0):
        number = part * (len(blocks) - 1) // (_LOOKED_AT - 1)
        items = frames(blocks[number : number + 1], offset=number * BLOCK)
        whole = [item for item in items if isinstance(item, Frame)]
        if number:  # each line that is left of a record which began before the block looks like one of its own
            whole = list(dropwhile(lambda item: not starts_record(item.text), whole[1:]))
        runs.append(whole[:-1])
    return runs


def _shown(runs: list[list[Frame]], facts: Facts) -> tuple[dict[str, int], list[list[Instant]]]:
    """The families of some runs of records, with how often each occurs, and the times of each run, of a part of them all."""
    families: dict[str, int] = {}
    times: list[list[Instant]] = []
    step = max(1, sum(map(len, runs)) // _SAMPLED)
    for run in runs:
        times.append([])
        for frame in run[::step]:
            family, own = glance(frame.text, facts)
            families[family] = families.get(family, 0) + 1
            instant = _instant(own, frame.clock, facts.utc_offset_ms)
            if instant is not None:
                times[-1].append(instant)
    return families, times


def _falls(runs: list[list[int]], *, dated: bool) -> bool:
    """Whether times fall. Between runs much is left out: a clock without a date may go round there, so it tells by steps within."""
    steps = [later - earlier for times in runs for earlier, later in pairwise(times)]
    if dated or not any(steps):
        shown = [times for times in runs if times]
        steps += [after[0] - before[-1] for before, after in pairwise(shown)]
    if not dated and max((time for times in runs for time in times), default=0) < DAY_MS:
        # Midnight: a long step back is a short one on.
        steps = [(step + _SAME_DAY_MS) % DAY_MS - _SAME_DAY_MS for step in steps]
    falls, rises = sum(step < 0 for step in steps), sum(step > 0 for step in steps)
    return falls > _TURNS * rises and sum(steps) < 0


def _instant(own: Instant | None, carrier: str | None, utc_offset_ms: int) -> Instant | None:
    """A record's own time; the carrier's where it has none, or only the carrier's has a date."""
    if carrier is None or (own is not None and own.dated):
        return own
    outer = parse_time(carrier, utc_offset_ms=utc_offset_ms)
    if outer is None or (own is not None and not outer.dated):
        return own
    return outer


def place(record: Record, frame: Frame, lines: int, size: int) -> None:
    """Write into a record where it stands."""
    record.line = frame.line
    record.lines = lines
    record.offset = frame.offset
    record.size = size
    if frame.service is not None:
        record.service = frame.service
    if frame.process is not None and record.process is None:
        record.process = frame.process
    if frame.severity is not None and record.level is None:
        record.level = level_of(frame.severity, scale="syslog")


class Clock:
    """One clock for a stream: the carrier's time where it must stand in, and the days that a dateless clock passes."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.last: int | None = None
        """What a clock without a date showed last."""
        self.passed = 0
        """Milliseconds of the days (or years) that have passed since the stream began."""

    def set(self, record: Record, carrier: str | None) -> None:
        facts = self._facts
        if record.time is not None and record.dated and facts.dated:
            return
        instant = _instant(own_time(record), carrier, facts.utc_offset_ms)
        if instant is not None and instant.dated and not facts.dated:
            instant = self._beside(instant)
        if instant is None or instant.dated != facts.dated:
            # A time that can't be put beside the stream's others is none.
            record.time, record.dated, record.subsecond = None, True, True
            return
        record.time = instant.ms if instant.dated else self._undated(instant.ms)
        record.dated = instant.dated
        record.subsecond = instant.subsecond

    def _beside(self, instant: Instant) -> Instant | None:
        """A dated time among dateless ones, without its date; None where it doesn't fit (another zone)."""
        if self.last is None:
            return None
        since = instant.ms % DAY_MS
        if self.last >= DAY_MS:
            day = _EPOCH + timedelta(days=instant.ms // DAY_MS)
            since += (day_of_year(day.month, day.day) or 0) * DAY_MS
        return Instant(since, False, instant.subsecond) if abs(since - self.last) <= _BESIDE_MS else None

    def _undated(self, ms: int) -> int:
        """`ms` (since midnight, or since the year began) moved on by the days or years that have passed."""
        last = self.last
        if last is None:
            self.last = ms
            return ms
        forward = -1 if self._facts.reversed else 1
        step = (ms - last) * forward
        turn, backward = (_YEAR_MS, _SAME_YEAR_MS) if max(ms, last) >= DAY_MS else (DAY_MS, _SAME_DAY_MS)
        if step < -backward:
            self.passed += forward * turn
        elif self.passed and step > turn - _LATE_MS:
            return ms + self.passed - forward * turn  # a late line from before the turn
        self.last = ms
        return ms + self.passed

