"""The report on a terminal, for someone who has one minute: verdict, first step, loops, causes, what to do, in that order."""

from __future__ import annotations

from floodscan.model import Finding, Input, Loop, Report, ReportSignature, ReportTimeline
from floodscan.reports import words
from floodscan.reports.outline import (
    TOP_FINDINGS,
    TOP_LOOPS,
    TOP_SIGNATURES,
    by_id,
    first_step,
    main_steps,
    sections,
    steps,
)
from floodscan.reports.page import Page, Row

_LABEL = 9
"""Columns of the labels under a loop or a finding."""
_WIDEST_BARS, _PEAK = 60, 28
"""Columns of a timeline, and those left for the words after it."""


def render(report: Report, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """A page of lines at most `width` columns wide; with `colour`, SGR sequences; `ascii_only` for other encodings."""
    page = Page(width=width, colour=colour, ascii_only=ascii_only)
    known = by_id(report)
    _head(page, report)
    if not report.loops and report.verdict in ("flood", "faults") and report.timeline is not None:
        _bars(page, report.timeline, 0)
    if wanted := first_step(report):
        step, ids = wanted
        page.hang("First: ", step, label_style="label", aside=", ".join(ids))
    for loop in report.loops[:TOP_LOOPS]:
        page.blank()
        _loop(page, loop, known, report.input)
    page.more(len(report.loops) - TOP_LOOPS, "loops")
    for title, findings in sections(report.findings[:TOP_FINDINGS]):
        page.heading(title)
        for position, finding in enumerate(findings):
            if position:
                page.blank()
            _finding(page, finding)
    page.more(len(report.findings) - TOP_FINDINGS, "findings")
    _steps(page, report)
    if report.verdict != "quiet":
        _signatures(page, report)
    _end(page, report)
    return page.text()


def _head(page: Page, report: Report) -> None:
    style = f"verdict.{report.verdict if report.judged else 'unknown'}"
    page.hang(f"{words.verdict(report).upper()}  ", report.headline, label_style=style, style="bold")
    source = report.input
    facts = (words.sources(source), words.read(source), words.reach(source), words.clock(source))
    page.hang("", " · ".join(fact for fact in facts if fact), style="dim")
    if missing := words.incomplete(report):
        page.hang("Incomplete: ", missing, label_style="warn", style="warn")


def _loop(page: Page, loop: Loop, known: dict[str, ReportSignature], source: Input) -> None:
    title = f"{loop.status}: {words.iterations(loop.iterations)}{words.took(loop)}, {words.lines(loop.lines, loop.share)}"
    page.hang(f"{loop.id}  ", title, label_style=f"status.{loop.status}", style=f"status.{loop.status}")
    steps = main_steps(loop)
    counts = [words.per_iteration(step.per_iteration) for step in steps]
    column = max(map(len, counts), default=0)
    rows = []
    for position, (step, count) in enumerate(zip(steps, counts, strict=True)):
        edge = "│  " if position else "┌─▶"
        rows.append(_row(f" {edge} {count:>{column}}", known.get(step.signature), step.signature))
    page.rows(rows)
    if len(steps) < len(loop.steps):
        page.hang(" │   ", f"(and {len(loop.steps) - len(steps)} more, see --format json)", label_style="dim")
    page.hang(" └── ", words.again(loop), label_style="dim")
    facts: list[tuple[str, str | None]] = [("driver", words.driver(loop)), ("when", words.span(loop, source))]
    if loop.trigger is not None:
        kind = "" if loop.trigger.kind in ("new-failure", "unknown") else f"{loop.trigger.kind}: "
        facts.append(("began", f"{kind}{loop.trigger.text}"))
    facts += [("kept up", loop.sustained_by or None), ("ended", words.ended(loop, known))]
    for label, fact in facts:
        if fact:
            page.field(label, fact, _LABEL)
        if label == "when" and loop.timeline is not None:
            _bars(page, loop.timeline, _LABEL + 5)


def _row(label: str, signature: ReportSignature | None, id: str) -> Row:
    """A signature's line; beside its text its error and its role."""
    if signature is None:
        return Row(f"{label} ", f"  signature {id}", "")
    role = words.ROLES[signature.role] if signature.role else ""
    aside = " · ".join(part for part in (words.error(signature.error), role) if part)
    mark, style = ("✗", "failure") if signature.failure else (" ", "")
    return Row(f"{label} ", f"{mark} {signature.text}", aside, style)


def _bars(page: Page, timeline: ReportTimeline, column: int) -> None:
    counts, each_ms = words.bars(timeline, min(_WIDEST_BARS, max(1, page.width - column - _PEAK)))
    page.bars(counts, each_ms, column)


def _finding(page: Page, finding: Finding) -> None:
    style = "dim" if finding.accepted else f"severity.{finding.severity}"
    page.hang(f"{finding.id}  ", finding.title, label_style=style, style=style)
    hidden = finding.confidence == "hidden"
    facts = [words.ROLES[finding.role] if hidden else f"{words.ROLES[finding.role]}, {finding.confidence}"]
    facts += [finding.severity, finding.cause, *finding.loops]
    facts += words.costs(finding)
    page.hang("    ", " · ".join(facts), style="dim")
    if finding.accepted is not None:
        until = f" until {finding.accepted.expires}" if finding.accepted.expires else ""
        page.field("accepted", f"{finding.accepted.reason}{until}", _LABEL)
    page.hang("    ", finding.summary)
    for label, evidence in (("for", finding.evidence_for), ("against", finding.evidence_against)):
        for item in evidence:
            where = f"{item.source}:{item.line}" if item.source and item.line else ""
            page.field(label, item.text, _LABEL, aside=where)
            label = ""
    if logged_by := words.components(finding):
        page.field("logged by", logged_by, _LABEL)
    for position, location in enumerate(finding.locations):
        said = " ".join(part for part in (words.place(location), location.function) if part)
        page.field("" if position else "code", said, _LABEL, aside=words.aside(location))
    for label, text in _places(finding):
        page.field(label, text, _LABEL)
    if finding.probe:
        page.field("to settle", finding.probe, _LABEL)


def _places(finding: Finding) -> list[tuple[str, str]]:
    """Where else it was seen, and between which lines a hidden cause lies."""
    rows = [("seen by", f"{o.component}: {o.text}" if o.component else o.text) for o in finding.observers]
    window = finding.blind_window
    if window is not None:
        rows.append(
            ("it lies", f"after {window.after}, before {window.before}" if window.after else f"before {window.before}")
        )
        rows += [("" if i else "may be at", statement) for i, statement in enumerate(window.statements)]
        rows.append(("add", window.add))
    return rows


def _steps(page: Page, report: Report) -> None:
    wanted = steps(report.findings[:TOP_FINDINGS])
    if not wanted:
        return
    page.heading("What to do")
    kind = ""
    for remedy, ids in wanted:
        aside = ", ".join(ids)
        if saves := words.saves(remedy, report.input):
            aside += f" {saves}"
        page.field(remedy.kind if remedy.kind != kind else "", remedy.step, _LABEL, aside=aside, indent=1)
        kind = remedy.kind


def _signatures(page: Page, report: Report) -> None:
    shown = report.signatures[:TOP_SIGNATURES]
    if not shown:
        return
    page.heading("Lines by signature")
    counts = [f"{'≥' if s.at_least else ''}{'≈' if s.approx else ''}{words.number(s.count)}" for s in shown]
    column = max(map(len, counts))
    labels = [f" {count:>{column}} {words.percent(s.share):>7}" for count, s in zip(counts, shown, strict=True)]
    page.rows([_row(label, signature, signature.id) for label, signature in zip(labels, shown, strict=True)])
    page.more(len(report.signatures) - TOP_SIGNATURES, "signatures")


def _end(page: Page, report: Report) -> None:
    if report.questions:
        page.heading("Open questions")
        for question in report.questions:
            page.hang(" ? ", question.text, label_style="dim")
    if report.limits:
        page.heading("Limits of this report")
        for limit in report.limits:
            page.hang(" · ", f"{limit.what} (cap {words.number(limit.cap)}): {limit.effect}", style="dim")
    if report.gate is not None:
        page.heading(f"Gate: {words.gate_result(report.gate)}")
        for label, text in words.gate_rows(report.gate, TOP_SIGNATURES):
            page.field(label.lower(), text, _LABEL, indent=1)
