"""Numbers, times and the report's own words, as every format for people writes them."""

from __future__ import annotations

from floodscan.durations import duration
from floodscan.model import (
    Actors,
    Gap,
    Input,
    Location,
    Loop,
    Outcome,
    ReportError,
    ReportSignature,
    ReportTimeline,
    Role,
)
from floodscan.redact import clip

ROLES: dict[Role, str] = {
    "root-cause": "root cause",
    "symptom": "symptom",
    "sustaining": "keeps it going",
    "noise": "noise",
    "blind-spot": "blind spot",
    "hypothesis": "hypothesis",
    "observation": "observation",
}

_ENDED: dict[Outcome, str] = {
    "recovered": "recovered",
    "false-success": "false success: an attempt succeeds, then it fails again",
    "ceased": "ceased; no success seen",
    "ongoing": "still going where the log ends",
}

_UNNAMED = {"timer": "a timer", "actor": "an actor without a name", "unknown": "unknown: no id, no steady clock"}
_TOP_ACTORS = 3
_MARK = 80
"""Characters shown of the line that marks a success."""


def number(count: int) -> str:
    return f"{count:,}"


def lines(count: int, share: float) -> str:
    return f"{number(count)} {'line' if count == 1 else 'lines'} ({percent(share)})"


def iterations(count: int) -> str:
    return f"{number(count)} {'iteration' if count == 1 else 'iterations'}"


def percent(share: float) -> str:
    """`63.2 %`; a share that would read 0.0 or 100.0 and is neither is said to be below or above."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{share * 100:.1f}".removesuffix(".0") + " %"


def period(first: str | None, last: str | None) -> str | None:
    """`2025-11-01 14:02:11 to 14:08:23 UTC` from two ISO times; None where the log has no date."""
    if first is None or last is None:
        return None
    (day, start), (last_day, end) = _moment(first), _moment(last)
    if first == last:
        return f"{day} {start} UTC"
    return f"{day} {start} to {end} UTC" if day == last_day else f"{day} {start} to {last_day} {end} UTC"


def place(location: Location) -> str:
    """`src/orders.ts:42`, as editors take it."""
    return f"{location.file}:{location.line}" if location.line else location.file


def doubt(location: Location) -> str:
    """Whether other places fit as well: `one of 3 places that fit`."""
    return f"one of {number(location.candidates)} places that fit" if location.candidates > 1 else ""


def reach(source: Input) -> str | None:
    """`2025-11-01 14:02:11 to 14:08:23 UTC (6 min 12 s)`: when the log was written, as far as its clock tells."""
    written = period(source.first, source.last)
    if source.span_ms is None or (written and source.first == source.last):
        return written
    return f"{written} ({duration(source.span_ms)})" if written else duration(source.span_ms)


def clock_time(iso: str) -> str:
    """`14:02:11` of an ISO time."""
    return _moment(iso)[1]


def _moment(iso: str) -> tuple[str, str]:
    return iso[:10], iso[11:19]


def per_iteration(rate: float) -> str:
    """`1×`, `0.25×`, `12×`."""
    if rate >= 9.95:
        return f"{rate:.0f}×"
    return "<0.01×" if 0 < rate < 0.01 else f"{rate:.2g}×"


def error(value: ReportError | None) -> str:
    """The shortest that tells a signature's error: its code, else its type; its status; whether the log hides it."""
    if value is None:
        return ""
    words: list[str] = [word for word in (value.code or value.type,) if word]
    if value.status is not None and not value.code:
        words.append(f"HTTP {value.status}" if 100 <= value.status < 600 else f"close {value.status}")
    if value.opaque:
        words.append("error hidden")
    return " ".join(words)


def read(source: Input) -> str:
    """`5,214 lines, 4,988 records`, with the reasons of what was skipped."""
    text = f"{number(source.lines)} {'line' if source.lines == 1 else 'lines'}, {number(source.records)} records"
    skipped = sum(source.skipped.values())
    if skipped:
        reasons = sorted(source.skipped.items(), key=lambda item: (-item[1], item[0]))
        text += ", " + ", ".join(f"{number(count)} {reason}" for reason, count in reasons if count) + " skipped"
    return text


def clock(source: Input) -> str | None:
    """What the log's clock can't tell."""
    if source.clock is None:
        return "no clock: its pace can't be told"
    words = [] if source.clock.dated else ["times without a date"]
    if source.clock.resolution_ms >= 1000:
        words.append(f"clock of {duration(source.clock.resolution_ms)}")
    return ", ".join(words) or None


def sources(source: Input, shown: int = 3) -> str:
    names = source.sources
    if len(names) <= shown:
        return ", ".join(names)
    return f"{', '.join(names[:shown])} and {number(len(names) - shown)} more"


def again(loop: Loop) -> str:
    """`again after 910 ms (800 ms to 1.4 s): fixed, no backoff`."""
    gap = _gap(loop.gap_ms)
    words: list[str] = [] if loop.cadence == "unknown" else [loop.cadence]
    if loop.status != "backoff" and loop.actors is not None and loop.cadence in ("immediate", "fixed"):
        words.append("no backoff")
    if loop.status == "backoff":
        words.append("it backs off")
    if loop.schedule:
        words.append(f"the schedule of {loop.schedule}")
    pace = f"again after {gap}" if gap else "again"
    return f"{pace}: {', '.join(words)}" if words else pace


def _gap(gap: Gap | None) -> str | None:
    if gap is None:
        return None
    spread = "" if gap.p10 == gap.median == gap.p90 else f" ({duration(gap.p10)} to {duration(gap.p90)})"
    return duration(gap.median) + spread


def driver(loop: Loop) -> str:
    """Who drives it: `user-A alone (userId)`, `23 by userId: user-A 40×, user-B 38×, …, in lockstep`, `a timer`."""
    if loop.actors is not None:
        return actors(loop.actors) + (", in lockstep" if loop.lockstep else "")
    return _UNNAMED[loop.driver]


def actors(value: Actors) -> str:
    about = "about " if value.approx else ""
    if value.distinct == 1 and value.top:
        return f"{about}{value.top[0].id} alone ({value.key})"
    text = f"{about}{number(value.distinct)} by {value.key}"
    if value.top:
        text += ": " + ", ".join(f"{actor.id} {number(actor.iterations)}×" for actor in value.top[:_TOP_ACTORS])
    return text + (", …" if value.distinct > _TOP_ACTORS and value.top else "")


def ended(loop: Loop, known: dict[str, ReportSignature]) -> str:
    """`recovered after 79 iterations, told by a line that came then: Dashboard authenticated and connected`."""
    after = loop.iterations_until_success
    text = _ENDED[loop.outcome]
    if loop.outcome == "recovered" and after is not None:
        text = f"recovered after {iterations(after)}"
    mark = known.get(loop.success) if loop.success is not None else None
    return f"{text}, told by `{clip(mark.text, _MARK)}`" if mark is not None else text


def span(loop: Loop) -> str | None:
    """`14:02:11 to 14:08:23 (6 min 12 s)`, or from the input's first record where there is no date."""
    if loop.first_offset_ms is None or loop.last_offset_ms is None:
        return None
    took = duration(loop.last_offset_ms - loop.first_offset_ms)
    if loop.first and loop.last:
        return f"{clock_time(loop.first)} to {clock_time(loop.last)} ({took})"
    return f"{duration(loop.first_offset_ms)} to {duration(loop.last_offset_ms)} after the first record ({took})"


def bars(timeline: ReportTimeline, width: int) -> tuple[list[int], int]:
    """The records in at most `width` equal parts of the time from the first to the last, and a part's milliseconds."""
    counts = list(timeline.records)
    while counts and not counts[-1]:
        counts.pop()
    first = next((i for i, count in enumerate(counts) if count), 0)
    counts = counts[first:]
    each = max(1, -(-len(counts) // width))
    return [sum(counts[i : i + each]) for i in range(0, len(counts), each)], each * timeline.width_ms
