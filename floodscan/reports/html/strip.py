"""Strips: drawings over a stretch of time, as wide as their place. Marks stand at percentages, so text is never warped.

What is drawn with many parts (bars, ticks) is one path in a box of its own that stretches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

from floodscan.reports.html.element import Html, el, join
from floodscan.value import frozen

UNITS = 1000
"""Width of the stretched box in units of its own."""
_LEAST = 3
"""Units of the narrowest bar: on a phone about one pixel."""
_LOW_MS, _HIGH_MS = 10, 100_000
"""Ends of the scale of pauses, which is logarithmic."""


@frozen
class Span:
    """A stretch of time, in milliseconds from the input's first record."""

    low: int
    high: int

    def share(self, ms: float) -> float:
        """Where `ms` lies, 0 to 1."""
        return min(1.0, max(0.0, (ms - self.low) / max(1, self.high - self.low)))

    def percent(self, ms: float) -> str:
        return f"{self.share(ms) * 100:.2f}".rstrip("0").rstrip(".") + "%"


@frozen
class Mark:
    """An instant that matters, with its words."""

    ms: int
    kind: str
    """`trigger`, `onset`, `end`, `recovery`: its class."""
    words: str


def strip(title: str, *drawing: Html | None, height: int, kind: str = "") -> Html:
    """A drawing with the title that stands for it where it can't be seen."""
    classes = f"strip {kind}".strip()
    return el("svg", el("title", title), *drawing, class_=classes, role="img", height=height, width="100%")


def bars(series: Sequence[tuple[Sequence[int], str]], start: int, width_ms: int, span: Span, height: int) -> Html:
    """Counts of equal buckets as bars over one another, each series in its class; the largest count is full height."""
    top = max((count for counts, _ in series for count in counts), default=0) or 1
    return _stretched(
        join(*(_bars(counts, kind, start, width_ms, span, height, top) for counts, kind in series)), height
    )


def ticks(times: Iterable[int], span: Span, height: int) -> Html:
    """A line for each instant."""
    places = dict.fromkeys(f"{span.share(ms) * UNITS:.0f}" for ms in times)
    path = "".join(f"M{x} 0v{height}" for x in places)
    return _stretched(el("path", d=path, class_="tick", vector_effect="non-scaling-stroke"), height)


def pauses(runs: Sequence[Sequence[int]], most: int, height: int) -> Html:
    """The pauses between the instants of each run as bars in order, on a logarithmic scale; `most`: bars in the row."""
    path, step, x = "", UNITS / max(1, most), 0.0
    for i, run in enumerate(runs):
        x += step if i else 0
        for a, b in zip(run, run[1:], strict=False):
            tall = log_share(b - a) * height
            path += f"M{x:.1f} {height}v{-tall:.1f}h{max(0.6 * step, step - 4):.1f}v{tall:.1f}z"
            x += step
    return _stretched(el("path", d=path, class_="pause"), height)


def log_share(ms: float) -> float:
    """Where a pause stands on the scale, 0.04 to 1: even none can be seen."""
    share = log10(max(_LOW_MS, ms) / _LOW_MS) / log10(_HIGH_MS / _LOW_MS)
    return min(1.0, max(0.04, share))


def box(low: float, high: float, span: Span, kind: str) -> Html:
    """A background from one instant to another."""
    width = (span.share(high) - span.share(low)) * 100
    return el("rect", x=span.percent(low), y=0, width=f"{max(0.2, width):.2f}%", height="100%", class_=kind)


def lines(marks: Sequence[Mark], span: Span) -> Html:
    """An upright line for each mark."""
    at = ((mark.kind, span.percent(mark.ms)) for mark in marks)
    return join(*(el("line", x1=x, x2=x, y1=0, y2="100%", class_=f"mark {kind}") for kind, x in at))


def captions(marks: Sequence[Mark], span: Span, row: int = 18) -> Html:
    """The marks' words, each in a row of its own at its place, and its line from there down, past no other's words."""
    left = [mark for mark in marks if span.share(mark.ms) < 0.5]
    right = [mark for mark in reversed(marks) if mark not in left]
    parts = []
    for i, mark in enumerate((*left, *right)):
        x = span.percent(mark.ms)
        y = row * (i + 1)
        parts.append(el("line", x1=x, x2=x, y1=y - row + 4, y2="100%", class_=f"mark {mark.kind}"))
        shift, anchor = (6, "start") if mark in left else (-6, "end")
        parts.append(el("text", mark.words, x=x, y=y - 4, dx=shift, text_anchor=anchor, class_=mark.kind))
    return join(*parts)


def axis(labels: Sequence[tuple[float, str]]) -> Html:
    """Words under a strip at shares of its width."""
    parts = []
    for share, words in labels:
        anchor = "start" if share < 0.1 else "end" if share > 0.9 else "middle"
        parts.append(el("text", words, x=f"{share * 100:.4g}%", y=12, text_anchor=anchor))
    return el("svg", *parts, class_="axis", height=16, width="100%", aria_hidden="true")


def _bars(
    counts: Sequence[int], kind: str, start: int, width_ms: int, span: Span, height: int, top: int
) -> Html | None:
    path = ""
    for i, count in enumerate(counts):
        low = start + i * width_ms
        if not count or low + width_ms <= span.low or low >= span.high:
            continue
        x = span.share(low) * UNITS
        wide = max(_LEAST, (span.share(low + width_ms) * UNITS - x) * 0.86)
        tall = max(0.12, count / top) * height
        path += f"M{min(x, UNITS - wide):.1f} {height}v{-tall:.1f}h{wide:.1f}v{tall:.1f}z"
    return el("path", d=path, class_=kind) if path else None


def _stretched(drawing: Html, height: int) -> Html:
    return el(
        "svg", drawing, viewBox=f"0 0 {UNITS} {height}", preserveAspectRatio="none", width="100%", height=height
    )  # fmt: skip
