"""A loop: its iteration as a diagram with its gaps, the attempts of each driver, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.averages import median
from floodscan.durations import duration
from floodscan.model import Input, Loop, Report, ReportSignature, Step
from floodscan.reports import words
from floodscan.reports.html.element import Html, code, el, identity, join, prose
from floodscan.reports.html.strip import Span, box, log_share, pauses, strip, ticks
from floodscan.reports.html.timeline import Known, look
from floodscan.reports.outline import TOP_LOOPS, main_steps

_STEP, _RUG, _PAUSE = 24, 30, 54
"""Pixels of a step's strip, of a driver's ticks, and of its pauses."""
_NAME = 200
"""Characters of a step's text."""
_DRIVERS = 8
"""Drivers that are drawn."""
_FIRST_MS, _CAP_MS = 1_000, 30_000
"""The backoff that the remedies ask for: the first wait and the longest."""
_GRID = ((100, "0.1 s"), (1_000, "1 s"), (10_000, "10 s"))
"""Lines across the pauses, in milliseconds, and their words."""
_FEWEST = 16
"""Pauses that a row has room for at least: a few are no wide blocks."""


def loops(report: Report, known: Known) -> Html | None:
    if not report.loops:
        return None
    shown = [_loop(report, loop, known) for loop in report.loops[:TOP_LOOPS]]
    rest = len(report.loops) - len(shown)
    more = el("p", f"+{words.number(rest)} more loops in the JSON report.", class_="more") if rest > 0 else None
    title = "The loop" if len(report.loops) == 1 else "The loops"
    return el("section", el("h2", title), *shown, more, id="loops")


def _loop(report: Report, loop: Loop, known: Known) -> Html:
    badge = el("span", loop.status, class_=f"badge {loop.status}")
    title = f" {words.iterations(loop.iterations)}{words.took(loop)}, {words.lines(loop.lines, loop.share)}"
    heading = el("h3", el("span", loop.id, class_="id"), " ", badge, title)
    parts = [_iteration(loop, known), _cadence(loop), _facts(loop, known, report.input)]
    return el("article", heading, *parts, class_=f"card {loop.status}", id=identity(loop.id))


# ---------------------------------------------------------------- one iteration


def _iteration(loop: Loop, known: Known) -> Html:
    """The steps in order; where the clock shows them, the time from each to the next and until the next attempt."""
    steps = main_steps(loop)
    span = _cycle(loop, steps)
    rows, before = [], None
    for step in steps:
        rows.append(_step(step, known.get(step.signature), before, span))
        before = step
    left = len(loop.steps) - len(steps)
    if left:
        rows.append(el("li", el("span", f"and {left} more steps in the JSON report", class_="said"), class_="less"))
    rows.append(_again(loop, steps, span))
    return join(el("h4", "One iteration"), el("ol", *rows, class_="steps"))


def _cycle(loop: Loop, steps: Sequence[Step]) -> Span | None:
    """From the first step to the first of the next attempt, on the axis of the lags."""
    lags = [step.lag_ms for step in steps if step.lag_ms is not None]
    if not lags or len(lags) < len(steps):
        return None
    return Span(min(lags), max(max(lags), min(lags) + (loop.gap_ms.median if loop.gap_ms else 0), min(lags) + 1))


def _step(step: Step, signature: ReportSignature | None, before: Step | None, span: Span | None) -> Html:
    kind = look(signature)
    said = signature.text if signature is not None else f"signature {step.signature}"
    beside = words.error(signature.error) if signature is not None else ""
    role = words.ROLES[signature.role] if signature is not None and signature.role else ""
    small = " · ".join(part for part in ("failure" if kind != "plain" else "", beside, role) if part)
    label = el(
        "span", el("b", words.per_iteration(step.per_iteration)), " ", code(said, _NAME),
        el("small", small) if small else None, class_=f"said {kind}",
    )  # fmt: skip
    return el("li", label, _lag(step, before, span, kind), class_=kind)


def _lag(step: Step, before: Step | None, span: Span | None, kind: str) -> Html | None:
    """The step's instant in the iteration, and the time since the step before."""
    if span is None or step.lag_ms is None:
        return None
    since = max(0, step.lag_ms - before.lag_ms) if before is not None and before.lag_ms is not None else 0
    told = f"+{duration(since)}" if before is not None else "start"
    middle = _STEP // 2
    gap = None
    if since and before is not None and before.lag_ms is not None:
        a, b = span.percent(before.lag_ms), span.percent(step.lag_ms)
        gap = el("line", x1=a, x2=b, y1=middle, y2=middle, class_="gap")
    right = span.share(step.lag_ms) > 0.7
    word = el(
        "text", told, x=span.percent(step.lag_ms), y=middle + 4, dx=-9 if right else 9,
        text_anchor="end" if right else "start",
    )  # fmt: skip
    dot = el("circle", cx=span.percent(step.lag_ms), cy=middle, r=5, class_=kind)
    title = "The iteration begins" if before is None else f"{duration(since)} after the step before"
    return strip(title, gap, dot, word, height=_STEP, kind="lag")


def _again(loop: Loop, steps: Sequence[Step], span: Span | None) -> Html:
    drawing = None
    last = max((step.lag_ms for step in steps if step.lag_ms is not None), default=0)
    if span is not None and loop.gap_ms is not None and span.high > last:
        pause = f"pause, about {duration(span.high - last)}"
        middle = (span.share(last) + 1) / 2
        word = el("text", pause, x=f"{middle * 100:.1f}%", y=_STEP // 2 + 4, text_anchor="middle")
        if middle > 0.85:
            word = el("text", pause, x=span.percent(last), y=_STEP // 2 + 4, dx=-6, text_anchor="end")
        drawing = strip(pause, box(last, span.high, span, "wait"), word, height=_STEP, kind="lag")
    return el("li", el("span", el("b", "↻"), " ", words.again(loop), class_="said"), drawing, class_="again")


# ---------------------------------------------------------------- who tried when


def _cadence(loop: Loop) -> Html | None:
    """Each driver's attempts as ticks over time and their pauses as bars; a client that backs off for comparison."""
    rows = _drivers(loop)
    if not rows or loop.first_offset_ms is None or loop.last_offset_ms is None:
        return None
    span = Span(loop.first_offset_ms, loop.last_offset_ms)
    if span.high <= span.low:
        return None
    waits = () if loop.status == "backoff" or loop.actors is None else _backoff(span)
    most = max(_FEWEST, *(sum(map(len, runs)) - 1 for _, _, runs in rows))
    drawn = [_driver(name, count, runs, span, most, exact=loop.gap_ms is not None) for name, count, runs in rows]
    hidden = (loop.actors.distinct if loop.actors else 1) - len(rows)
    if hidden > 0:
        drawn.append(el("li", el("span", f"+{words.number(hidden)} more, not drawn", class_="name"), class_="less"))
    if waits and len(waits) < max(count for _, count, _ in rows):
        drawn.append(_compared(waits, span, most, exact=loop.gap_ms is not None))
    told = "A tick for each attempt, over the time of the loop."
    if loop.gap_ms is None:
        told += " The clock is too coarse to tell all of them apart."
    else:
        told += " Beside it the gap before each attempt, in order; the scale is logarithmic."
        told += " With backoff the ticks thin out and the bars grow."
    if any(len(runs) > 1 and sum(map(len, runs)) < count for _, count, runs in rows):
        told += " Pale: further attempts, which were not kept one by one."
    return join(el("h4", "Attempts by driver"), el("p", told, class_="hint"), el("ul", *drawn, class_="drivers"))


def _drivers(loop: Loop) -> list[tuple[str, int, tuple[tuple[int, ...], ...]]]:
    if loop.actors is not None:
        top = loop.actors.top[:_DRIVERS]
        return [(actor.id, actor.iterations, actor.attempts) for actor in top if actor.attempts]
    name = "a timer" if loop.driver == "timer" else "all attempts"
    return [(name, loop.iterations, loop.attempts)] if loop.attempts else []


def _driver(name: str, count: int, runs: Sequence[Sequence[int]], span: Span, most: int, *, exact: bool) -> Html:
    gaps = [b - a for run in runs for a, b in zip(run, run[1:], strict=False)]
    known = sum(map(len, runs))
    facts = [f"{words.number(count)}×"]
    if gaps and exact:
        facts.append(f"median gap {duration(round(median(gaps)))}")
    if known < count:
        facts.append(f"{words.number(known)} drawn")
    holes = [box(a[-1], b[0], span, "unkept") for a, b in zip(runs, runs[1:], strict=False) if known < count]
    rug = strip(
        f"{name}: {words.number(count)} attempts", *holes, ticks((ms for run in runs for ms in run), span, _RUG),
        height=_RUG, kind="rug",
    )  # fmt: skip
    label = el("span", el("b", name), el("small", ", ".join(facts)), class_="name")
    return el("li", label, rug, _pauses(name, runs, gaps, most) if exact else None)


def _pauses(name: str, runs: Sequence[Sequence[int]], gaps: Sequence[int], most: int) -> Html | None:
    if not gaps:
        return None
    title = f"{name}: pauses of {duration(min(gaps))} to {duration(max(gaps))}"
    return strip(title, *_grid(), pauses(runs, most, _PAUSE), height=_PAUSE, kind="pauses")


def _grid() -> list[Html]:
    drawn = []
    for ms, said in _GRID:
        y = round((1 - log_share(ms)) * _PAUSE)
        drawn.append(el("line", x1=0, x2="100%", y1=y, y2=y, class_="grid"))
        drawn.append(el("text", said, x="100%", dx=4, y=y + 4))
    return drawn


def _backoff(span: Span) -> tuple[int, ...]:
    """When a client would have tried that waits a second, then twice as long each time, up to the cap."""
    at, wait, out = span.low, _FIRST_MS, [span.low]
    while at + wait <= span.high and len(out) < 400:
        at += wait
        out.append(at)
        wait = min(2 * wait, _CAP_MS)
    return tuple(out)


def _compared(times: tuple[int, ...], span: Span, most: int, *, exact: bool) -> Html:
    said = f"Waits of {duration(_FIRST_MS)}, doubling to {duration(_CAP_MS)}"
    label = el(
        "span", el("b", "With backoff"), el("small", f"{said}: {words.number(len(times))}× in that time"), class_="name"
    )
    rug = strip(f"{said}: {len(times)} attempts", ticks(times, span, _RUG), height=_RUG, kind="rug")
    gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
    beside = _pauses(said, (times[: most + 1],), gaps, most) if exact else None
    return el("li", label, rug, beside, class_="compared")


# ---------------------------------------------------------------- what is known


def _facts(loop: Loop, known: Known, source: Input) -> Html:
    facts: list[tuple[str, str | None]] = [("Driver", words.driver(loop)), ("When", words.span(loop, source))]
    if loop.trigger is not None:
        kind = "" if loop.trigger.kind in ("new-failure", "unknown") else f"{loop.trigger.kind}: "
        facts.append(("Began", f"{kind}{loop.trigger.text}"))
    facts += [("Kept up", loop.sustained_by or None), ("Ended", words.ended(loop, known))]
    if loop.schedule:
        facts.append(("Client", loop.schedule))
    rows = [join(el("dt", label), el("dd", prose(fact))) for label, fact in facts if fact]
    return join(el("h4", "What is known"), el("dl", *rows, class_="facts"))
