"""Numbers, times and the report's own words, as every format for people writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from floodscan.durations import duration, lasting
from floodscan.model import (
    Actors,
    Finding,
    Gap,
    Gate,
    Input,
    Location,
    Loop,
    Outcome,
    Remedy,
    Report,
    ReportError,
    ReportSignature,
    ReportTimeline,
    Role,
)
from floodscan.redact import clip
from floodscan.regex import regex

_LINK = regex(r"https?://[\w./~%#?&=+:,-]+", re.ASCII)

ROLES: dict[Role, str] = {
    "root-cause": "root cause",
    "symptom": "symptom",
    "sustaining": "keeps it going",
    "noise": "noise",
    "blind-spot": "blind spot",
    "hypothesis": "hypothesis",
    "observation": "observation",
}

NO_VERDICT = "no verdict"

_ENDED: dict[Outcome, str] = {
    "recovered": "recovered",
    "false-success": "false success: an attempt succeeds, then it fails again",
    "ceased": "ceased",
    "ongoing": "still going where the log ends",
}

_UNNAMED = {
    "timer": "a timer",
    "actor": "an actor without a name",
    "unknown": "unknown: nothing known as an id stays from one attempt to the next",
}
_TOP_ACTORS = 3
_DAY_MS = 86_400_000
_COARSE_MS = 2_000
"""Shortest span whose mean gap is told where single gaps are not, for each end of it may be off by up to a second; and
the longest such gap: a longer one is the mean of bursts and of the pauses between them (Apache's mod_jk: 4 min)."""
_NOTABLE = 0.9
"""Share of the log that a step leaves, up to which it is told how much longer the same space would last."""
_FEW = 5
"""Failed attempts from which an upper bound on the share that succeed says something: 45 % for five."""
_EACH = 1.02
"""Lines that begin an attempt for each failure, up to which every attempt is taken to fail."""
_MARK = 80
"""Characters shown of the line that marks a success."""


def number(count: int) -> str:
    return f"{count:,}"


def verdict(report: Report) -> str:
    """What a page calls the verdict: that nothing fails is none on an input that could not be read."""
    return report.verdict if report.judged else NO_VERDICT


def incomplete(report: Report) -> str | None:
    """What is missing in the report; None where all of what was named was read."""
    if report.input.unreadable:
        first, *others = report.input.unreadable
        return f"{first.source}: {first.reason}" + (f" (and {len(others)} more)" if others else "")
    return None if report.complete else "the reading was interrupted, or a file is cut short; this is what was read until then"


def lines(count: int, share: float) -> str:
    return f"{number(count)} {'line' if count == 1 else 'lines'} ({percent(share)})"


def size(count: int) -> str:
    """`180 kB`: bytes in powers of a thousand, to three figures."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.3g} {unit}"


def components(finding: Finding, shown: int = 3) -> str:
    """Who logged a finding's lines, by the names on them (`logrotate`); empty where they have none."""
    names, more = finding.components[:shown], len(finding.components) - shown
    return ", ".join(names) + (f" and {number(more)} more" if more > 0 else "")


def costs(finding: Finding) -> list[str]:
    """What a finding costs: `557 lines (73.9 %)`, `180 kB`, `2,646/h`; nothing where it is about no lines."""
    if not finding.lines:
        return []
    rate = [f"{number(finding.per_hour)}/h"] if finding.per_hour else []
    return [lines(finding.lines, finding.share), size(finding.bytes), *rate]


def saves(remedy: Remedy, source: Input) -> str | None:
    """`saves 535 of 754 lines: storage that now holds 27 s of log would then hold 1 min 34 s`.

    None where that can't be counted.
    """
    if not remedy.saves_lines:
        return None
    text = f"saves {number(remedy.saves_lines)} of {number(source.lines)} lines"
    if not source.span_ms or not remedy.share_after or remedy.share_after > _NOTABLE:
        return text
    longer = round(source.span_ms / remedy.share_after)
    return f"{text}: storage that now holds {duration(source.span_ms)} of log would then hold {duration(longer)}"


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


_BEHIND = {"handles": "handles the request that a library logs", "creates": "makes the library behind these lines"}


def aside(location: Location) -> str:
    """What to know of a place: where a library logs, what is there; and whether others fit, `one of 3 places that fit`."""
    said = [_BEHIND[location.what]] if location.what in _BEHIND else []
    if location.candidates > 1:
        said.append(f"one of {number(location.candidates)} places that fit")
    return ", ".join(said)


def reach(source: Input) -> str | None:
    """`2025-11-01 14:02:11 to 14:08:23 UTC (6 min 12 s)`: when the log was written, as far as its clock tells."""
    written = period(source.first, source.last)
    if source.span_ms is None or (written and source.first == source.last):
        return written
    return f"{written} ({duration(source.span_ms)})" if written else duration(source.span_ms)


def clock_time(iso: str) -> str:
    """`14:02:11` of an ISO time."""
    return _moment(iso)[1]


def moment(source: Input, offset_ms: int) -> str:
    """`14:02:11.4`, that long after the first record; with its day in a log of days; `+12.4 s` where there is no date."""
    after = f"+{duration(max(0, offset_ms))}"
    if source.first is None:
        return after
    try:
        at = datetime.fromisoformat(source.first) + timedelta(milliseconds=offset_ms)
    except (OverflowError, ValueError):
        return after
    if (source.span_ms or 0) >= _DAY_MS:
        return f"{at:%m-%d %H:%M:%S}"
    whole = source.clock is None or source.clock.resolution_ms >= 1000
    return f"{at:%H:%M:%S}" if whole else f"{at:%H:%M:%S}.{at.microsecond // 100_000}"


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
    text = f"{number(source.lines)} {'line' if source.lines == 1 else 'lines'}"
    text += f", {number(source.records)} {'record' if source.records == 1 else 'records'}"
    if source.nothing and source.records:
        text += " without a time"  # the others lie outside of the one asked for
    skipped = sum(source.skipped.values())
    if skipped:
        reasons = sorted(source.skipped.items(), key=lambda item: (-item[1], item[0]))
        text += ", " + ", ".join(f"{number(count)} {reason}" for reason, count in reasons if count) + " skipped"
    return text


def clock(source: Input) -> str | None:
    """What the log's clock can't tell."""
    if source.clock is None:
        return None if source.nothing else "no clock: its pace can't be told"
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
    """`again after 910 ms (800 ms to 1.4 s): fixed, no backoff`. A clock of whole seconds may show no gap."""
    gap = _gap(loop.gap_ms)
    words: list[str] = [] if loop.cadence == "unknown" else [loop.cadence]
    if loop.status != "backoff" and loop.actors is not None and loop.cadence in ("immediate", "fixed"):
        words.append("no backoff")
    if loop.status == "backoff":
        words.append("it backs off")
    if loop.schedule:
        words.append(f"the schedule of {loop.schedule}")
    mean = None if gap else _mean_gap(loop)
    pace = "again, at a pace that the log does not show"
    if gap or mean:
        pace = f"again after {gap}" if gap else f"again after {mean} on average; single gaps the log does not show"
    return f"{pace}: {', '.join(words)}" if words else pace


def _mean_gap(loop: Loop) -> str | None:
    """What the count and the span tell where the clock is too coarse for a gap: of one driver, and of a span that the
    second or so by which each end may be off does not change much."""
    if loop.first_offset_ms is None or loop.last_offset_ms is None or loop.iterations < 3:
        return None
    span = loop.last_offset_ms - loop.first_offset_ms
    mean = span // (loop.iterations - 1)
    if span < _COARSE_MS or mean > _COARSE_MS or (loop.actors is not None and loop.actors.distinct > 1):
        return None
    return f"about {duration(mean)}"


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
        hedge = "; a proxy or NAT may hide many clients behind it" if value.by_address else ""
        return f"{about}{value.top[0].id} alone ({value.key}{hedge})"
    text = f"{about}{number(value.distinct)} by {value.key}"
    if value.top:
        text += ": " + ", ".join(f"{actor.id} {number(actor.iterations)}×" for actor in value.top[:_TOP_ACTORS])
    return text + (", …" if value.distinct > _TOP_ACTORS and value.top else "")


def ended(loop: Loop, known: Mapping[str, ReportSignature]) -> str:
    """`recovered after 79 iterations, told by`, or `ceased, told by`, and the line that says so."""
    after = loop.iterations_until_success
    text = _ENDED[loop.outcome]
    if loop.outcome == "recovered" and after is not None:
        text = f"{recovered(loop)} after {iterations(after)}"
    said = loop.success or loop.ended_by
    mark = known.get(said) if said is not None else None
    if mark is not None:
        return f"{text}, told by `{clip(mark.text, _MARK)}`"
    if loop.outcome in ("ceased", "ongoing") and loop.iterations >= _FEW and _all_fail(loop, known):
        bound = percent(at_most(loop.iterations))
        return f"{text}: 0 of {number(loop.iterations)} attempts succeed (at most {bound}, at 95 % confidence)"
    return text


def recovered(loop: Loop) -> str:
    """How sure it is: a line that has no id of the actors may have come in the failure's place by chance."""
    return "recovered" if loop.success_tied else "apparently recovered"


def _all_fail(loop: Loop, known: Mapping[str, ReportSignature]) -> bool:
    """Whether a line that is no failure begins each attempt, as often as they fail: then none of them succeeded."""
    before = loop.steps[: next((i for i, step in enumerate(loop.steps) if step.signature == loop.anchor), 0)]
    begins = [s for s in before if s.signature in known and not known[s.signature].failure]
    return bool(begins) and loop.iterations <= known[begins[0].signature].count <= _EACH * loop.iterations


def at_most(attempts: int) -> float:
    """The largest share of success, at 95 %, that as many attempts without one allow (Clopper and Pearson 1934)."""
    return float(1 - 0.05 ** (1 / attempts))


def took(loop: Loop) -> str:
    """` in 12.4 s`, to follow a count; empty without a clock."""
    if loop.first_offset_ms is None or loop.last_offset_ms is None:
        return ""
    return f" {lasting(loop.last_offset_ms - loop.first_offset_ms)}"


def span(loop: Loop, source: Input) -> str | None:
    """`14:02:11 to 14:08:23 (6 min 12 s)`, with its days in a log of several; from the first record where there is no date."""
    if loop.first_offset_ms is None or loop.last_offset_ms is None:
        return None
    if loop.first_offset_ms == loop.last_offset_ms:
        return _within(loop.first, loop.first, source) or f"{duration(loop.first_offset_ms)} after the first record"
    lasted = duration(loop.last_offset_ms - loop.first_offset_ms)
    written = _within(loop.first, loop.last, source)
    if written:
        return f"{written} ({lasted})"
    return f"{duration(loop.first_offset_ms)} to {duration(loop.last_offset_ms)} after the first record ({lasted})"


def _within(first: str | None, last: str | None, source: Input) -> str | None:
    """A time of the input: without its day where the input is all of one."""
    if first is None or last is None:
        return None
    if source.first and source.last and _moment(source.first)[0] != _moment(source.last)[0]:
        return period(first, last)
    return clock_time(first) if first == last else f"{clock_time(first)} to {clock_time(last)}"


def gate_result(gate: Gate) -> str:
    return "passed" if gate.passed else "failed"


def gate_rows(gate: Gate, most: int) -> list[tuple[str, str]]:
    """What was asked, what fails it, what is accepted, what to look after, each as (label, sentence)."""
    rows: list[tuple[str, str]] = [("Asked", ", ".join(gate.conditions) or "nothing")]
    rows += [("Fails", f"{breach.text} [{breach.condition}]") for breach in gate.breaches[:most]]
    if len(gate.breaches) > most:
        rows.append(("Fails", f"+{number(len(gate.breaches) - most)} more"))
    for entry in gate.accepted[:most]:
        allowed = f"{number(entry.count)} of {number(entry.max)}"
        rows.append(("Accepted", f"{entry.subject} {entry.id}, {allowed}, until {entry.expires}: {entry.reason}"))
    if len(gate.accepted) > most:
        rows.append(("Accepted", f"+{number(len(gate.accepted) - most)} more"))
    return rows + [("Note", note) for note in gate.notes]


def bars(timeline: ReportTimeline, width: int) -> tuple[list[int], int]:
    """The records in at most `width` equal parts of the time from the first to the last, and a part's milliseconds."""
    counts = list(timeline.records)
    while counts and not counts[-1]:
        counts.pop()
    first = next((i for i, count in enumerate(counts) if count), 0)
    counts = counts[first:]
    each = max(1, -(-len(counts) // width))
    return [sum(counts[i : i + each]) for i in range(0, len(counts), each)], each * timeline.width_ms


def is_link(text: str) -> bool:
    """Whether a reference is an address that every format may make a link of."""
    return _LINK.fullmatch(text) is not None
