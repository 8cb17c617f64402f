"""Findings with their evidence, the steps to take, the open questions and the report's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floodscan.model import Evidence, Finding, Report, ReportSignature
from floodscan.reports import words
from floodscan.reports.html.element import Html, code, el, identity, join, prose, text
from floodscan.reports.outline import TOP_FINDINGS, sections, steps

_KINDS = {"stop": "Stop the bleeding", "fix": "Fix", "watch": "Watch"}
_EXAMPLES = 3
"""Lines of the log under a finding."""


def findings(report: Report, known: Mapping[str, ReportSignature], most: int = TOP_FINDINGS) -> Html | None:
    """The first `most` findings, in the sections that every format has."""
    shown = report.findings[:most]
    if not shown:
        return None
    parts: list[Html] = []
    for title, members in sections(shown):
        parts.append(el("h3", title))
        parts += [_finding(finding, known) for finding in members]
    if len(report.findings) > len(shown):
        parts.append(more(len(report.findings) - len(shown), "findings"))
    return el("section", el("h2", "Findings"), *parts, id="findings")


def _finding(finding: Finding, known: Mapping[str, ReportSignature]) -> Html:
    badge = el("span", finding.severity, class_=f"badge {finding.severity}")
    heading = el("h4", el("span", finding.id, class_="id"), " ", badge, " ", prose(finding.title))
    hidden = finding.confidence == "hidden"
    facts = [words.ROLES[finding.role] if hidden else f"{words.ROLES[finding.role]}, {finding.confidence}"]
    facts += [finding.cause, *finding.loops]
    facts += words.costs(finding)
    rows: list[tuple[str, Html]] = []
    if finding.accepted is not None:
        until = f" until {finding.accepted.expires}" if finding.accepted.expires else ""
        rows.append(("Accepted", prose(f"{finding.accepted.reason}{until}")))
    rows += _several("For", [_evidence(item) for item in finding.evidence_for])
    rows += _several("Against", [_evidence(item) for item in finding.evidence_against])
    rows += _several(
        "Seen by", [prose(f"{o.component}: {o.text}" if o.component else o.text) for o in finding.observers]
    )
    if logged_by := words.components(finding):
        rows.append(("Logged by", prose(logged_by)))
    rows += _several("Code", _places(finding))
    window = finding.blind_window
    if window is not None:
        after = join("after ", code(window.after), ", ") if window.after else Html("")
        rows.append(("It lies", join(after, "before ", code(window.before))))
        rows += _several("May be at", [code(statement) for statement in window.statements])
        rows.append(("Add", prose(window.add)))
    if finding.probe:
        rows.append(("To settle it", prose(finding.probe)))
    rows += _several("Read", [_reference(link) for link in finding.references])
    return el(
        "article", heading, el("p", " · ".join(facts), class_="meta"), el("p", prose(finding.summary)),
        el("dl", *(join(el("dt", label), el("dd", row)) for label, row in rows), class_="facts") if rows else None,
        _lines(finding, known), class_=f"card {finding.severity}", id=identity(finding.id),
    )  # fmt: skip


def _several(label: str, items: Sequence[Html]) -> list[tuple[str, Html]]:
    """One row, a list in it where there are several."""
    if len(items) < 2:
        return [(label, item) for item in items]
    return [(label, el("ul", *(el("li", item) for item in items)))]


def _evidence(evidence: Evidence) -> Html:
    where = f"{evidence.source}:{evidence.line}" if evidence.source and evidence.line else ""
    return join(prose(evidence.text), " " if where else None, el("span", where, class_="where") if where else None)


def _places(finding: Finding) -> list[Html]:
    places = []
    for place in finding.locations:
        at = code(words.place(place))
        aside = f" ({said})" if (said := words.aside(place)) else None
        function = join(" in ", code(place.function)) if place.function else None
        places.append(join(at, function, aside))
    return places


def _reference(link: str) -> Html:
    return el("a", link, href=link, rel="noopener noreferrer") if words.is_link(link) else code(link)


def _lines(finding: Finding, known: Mapping[str, ReportSignature]) -> Html | None:
    """The finding's own lines of the log, folded away."""
    shown = [known[id] for id in finding.signatures if id in known and known[id].example.text][:_EXAMPLES]
    if not shown:
        return None
    parts = []
    for signature in dict.fromkeys(shown):
        where = f"{signature.example.source}:{signature.example.line}"
        parts.append(join(el("p", where, class_="where"), el("pre", text(signature.example.text))))
    return el("details", el("summary", "The first such lines of the log"), *parts)


def remedies(report: Report) -> Html | None:
    """All steps in the order in which to take them."""
    wanted = steps(report.findings[:TOP_FINDINGS])
    if not wanted:
        return None
    parts: list[Html] = []
    for kind, title in _KINDS.items():
        rows = []
        for remedy, ids in wanted:
            if remedy.kind != kind:
                continue
            saved = words.saves(remedy, report.input)
            asked = join(*(join(" ", el("a", id, href=f"#{identity(id)}")) for id in ids))
            rows.append(el("li", prose(remedy.step), asked, el("span", " ", saved, class_="where") if saved else None))
        if rows:
            parts += [el("h3", title), el("ul", *rows, class_="steps-to-take")]
    return el("section", el("h2", "What to do"), *parts, id="remedies")


def questions(report: Report) -> Html | None:
    if not report.questions:
        return None
    rows = [el("li", prose(question.text)) for question in report.questions]
    return el("section", el("h2", "Open questions"), el("ul", *rows), id="questions")


def limits(report: Report) -> Html | None:
    if not report.limits:
        return None
    rows = [el("li", f"{x.what} (cap {words.number(x.cap)}): {x.effect}") for x in report.limits]
    return el("section", el("h2", "Limits of this report"), el("ul", *rows), id="limits")


def more(count: int, what: str) -> Html:
    return el("p", f"+{words.number(count)} more {what} in the JSON report.", class_="more")
