"""The picture of the incident: the whole log, then the lanes of its worst loop with trigger, onset and recovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floodscan.durations import duration
from floodscan.model import Lane, Loop, Report, ReportSignature, ReportTimeline
from floodscan.reports import words
from floodscan.reports.html.element import Html, code, el, join
from floodscan.reports.html.strip import Mark, Span, axis, bars, box, captions, lines, strip

_TALL, _LANE = 56, 26
"""Pixels of the whole log's strip, and of a lane."""
_NAME = 120
"""Characters of a signature beside its lane."""
_ZOOMED = 0.7
"""Share of the log that a loop's lanes may cover without a strip of the whole log above them."""

Known = Mapping[str, ReportSignature]


def timeline(report: Report, known: Known) -> Html | None:
    """The section that comes first; None where the log has no clock."""
    if report.timeline is None:
        return None
    loop = next((loop for loop in report.loops[:1] if loop.lanes), None)
    parts = [_all_lines(report, report.timeline, loop)]
    if loop is not None:
        parts.append(_incident(report, loop, known))
    elif report.lanes:
        whole = _whole(report.timeline)
        rows = [_lane(lane, known, whole, [], None, "") for lane in report.lanes]
        parts.append(el("ul", *rows, class_="lanes"))
    return el("section", el("h2", "When it happened"), *parts, _key(report), id="timeline", class_="card")


def _all_lines(report: Report, line: ReportTimeline, loop: Loop | None) -> Html | None:
    """Every record of the log over its whole time, with the stretch that the lanes show."""
    whole = _whole(line)
    shown = _span(loop.lanes) if loop is not None else None
    if shown is not None and shown.high - shown.low > _ZOOMED * (whole.high - whole.low):
        return None
    peak = max(line.records, default=0)
    title = f"All {words.number(report.input.records)} records over {duration(whole.high - whole.low)}"
    title += f": at most {words.number(peak)} in {duration(line.width_ms)}"
    rest = [records - failures for records, failures in zip(line.records, line.failures, strict=True)]
    drawn = bars([(line.records, "fail"), (rest, "plain")], line.start, line.width_ms, whole, _TALL)
    frame = box(shown.low, shown.high, whole, "window") if shown is not None else None
    name = el("span", "The whole log", el("small", "failures on top of all other records"), class_="name")
    counted = el("span", words.number(report.input.records), class_="count")
    row = el("li", name, counted, strip(title, frame, drawn, height=_TALL))
    place = el("p", "The framed stretch, drawn larger:", class_="zoom") if shown is not None else None
    return join(el("ul", row, _ends(report, whole), class_="lanes"), place)


def _incident(report: Report, loop: Loop, known: Known) -> Html:
    """A lane for each signature that has a part in the loop, under the marks of what happened when."""
    span = _span(loop.lanes)
    marks = _marks(report, loop, known)
    body = None
    rows = []
    if marks and loop.first_offset_ms is not None and loop.last_offset_ms is not None:
        body = Span(loop.first_offset_ms, loop.last_offset_ms)
        said = f"{loop.id}, {loop.status}: {', '.join(mark.words for mark in marks)}"
        head = strip(said, captions(marks, span), height=18 * len(marks) + 4, kind="captions")
        rows.append(el("li", el("span", class_="name"), el("span", class_="count"), head, class_="head"))
    rows += (_lane(lane, known, span, marks, body, _part(lane, loop)) for lane in loop.lanes)
    return el("ul", *rows, _ends(report, span), class_="lanes")


def _lane(lane: Lane, known: Known, span: Span, marks: Sequence[Mark], body: Span | None, part: str) -> Html:
    signature = known.get(lane.signature)
    said = signature.text if signature is not None else f"signature {lane.signature}"
    kind = look(signature) if part != "success" else "good"
    seen, peak = sum(lane.counts), max(lane.counts, default=0)
    title = f"{said}: {words.number(seen)} shown, at most {words.number(peak)} in {duration(lane.width_ms)}"
    back = box(body.low, body.high, span, "body") if body is not None else None
    drawn = bars([(lane.counts, kind)], lane.start, lane.width_ms, span, _LANE)
    beside = " · ".join(p for p in (part, words.error(signature.error) if signature else "", _role(signature)) if p)
    name = el("span", code(said, _NAME), el("small", beside) if beside else None, class_=f"name {kind}")
    return el(
        "li", name, el("span", words.number(seen), class_="count"),
        strip(title, back, drawn, lines(marks, span), height=_LANE),
    )  # fmt: skip


def _marks(report: Report, loop: Loop, known: Known) -> list[Mark]:
    """Trigger, onset, last failure, recovery, as far as they are known, in their order."""
    marks = []
    trigger = known.get(loop.trigger.signature) if loop.trigger and loop.trigger.signature else None
    if trigger is not None and trigger.first_offset_ms is not None and loop.first_offset_ms is not None:
        ago = loop.first_offset_ms - trigger.first_offset_ms
        kind = "process start" if loop.trigger and loop.trigger.kind == "startup" else "trigger"
        if ago >= 0:
            marks.append(Mark(trigger.first_offset_ms, "trigger", f"{kind} {duration(ago)} before the onset"))
    if loop.first_offset_ms is not None:
        marks.append(Mark(loop.first_offset_ms, "onset", f"onset {words.moment(report.input, loop.first_offset_ms)}"))
    if loop.last_offset_ms is not None:
        ending = "still failing as the log ends" if loop.outcome == "ongoing" else "last failure"
        at = words.moment(report.input, loop.last_offset_ms)
        marks.append(Mark(loop.last_offset_ms, "end", f"{ending} {at}"))
    if loop.success_offset_ms is not None:
        at = words.moment(report.input, loop.success_offset_ms)
        marks.append(Mark(loop.success_offset_ms, "recovery", f"{words.recovered(loop)} {at}"))
    return marks


def _is_trigger(lane: Lane, loop: Loop) -> bool:
    return loop.trigger is not None and lane.signature == loop.trigger.signature


def _part(lane: Lane, loop: Loop) -> str:
    if _is_trigger(lane, loop):
        return "trigger"
    if lane.signature == loop.success and loop.outcome == "recovered":
        return "success"
    return "" if lane.signature in loop.signatures else "another loop"


def _key(report: Report) -> Html:
    """What the colours mean; each is said in words beside its lane too."""
    kinds = [("fail", "failure"), ("plain", "not a failure")]
    if any(signature.role == "noise" for signature in report.signatures):
        kinds.append(("noise", "noise: an expected failure"))
    if any(loop.outcome == "recovered" for loop in report.loops[:1]):
        kinds.append(("good", "success"))
    return el("p", *(el("span", el("i", class_=kind), said) for kind, said in kinds), class_="key", aria_hidden="true")


def _ends(report: Report, span: Span) -> Html:
    middle = (span.low + span.high) // 2
    labels = [(at, words.moment(report.input, ms)) for at, ms in ((0, span.low), (0.5, middle), (1, span.high))]
    return el("li", el("span", class_="name"), el("span", class_="count"), axis(labels), class_="foot")


def _whole(line: ReportTimeline) -> Span:
    return Span(line.start, line.start + line.width_ms * len(line.records))


def _span(lanes: Sequence[Lane]) -> Span:
    return Span(min(x.start for x in lanes), max(x.start + x.width_ms * len(x.counts) for x in lanes))


def look(signature: ReportSignature | None) -> str:
    """The class by which a signature is coloured."""
    if signature is None or not signature.failure:
        return "plain"
    return "noise" if signature.role == "noise" else "fail"


def _role(signature: ReportSignature | None) -> str:
    return words.ROLES[signature.role] if signature is not None and signature.role else ""
