"""What a report says, as the flat ranked list that the formats of CI systems want: storms, findings, broken budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from floodscan.model import (
    SEVERITIES,
    Accepted,
    Breach,
    Evidence,
    Finding,
    Loop,
    LoopStatus,
    Remedy,
    Report,
    ReportSignature,
    Safe,
    Severity,
    Subject,
)
from floodscan.reports import words
from floodscan.reports.outline import by_id
from floodscan.safe import trusted
from floodscan.value import frozen

_LOOPS: dict[LoopStatus, tuple[str, Severity]] = {
    "storm": ("retry-storm", "critical"),
    "loop": ("retry-loop", "medium"),
    "backoff": ("retry-with-backoff", "info"),
}
STORM = _LOOPS["storm"][0]

Files = Mapping[str, str]
"""Names of a report (call sites, sources) that are files of the repository, with their paths in it."""


@frozen
class Place:
    file: str
    line: int | None


@frozen
class Issue:
    rule: str
    """The finding's rule, or `retry-storm`, `flood`, `budget`."""
    key: str
    """Of its content: the same in every run that has the same issue."""
    cause: str | None
    title: Safe
    summary: Safe
    severity: Severity
    failed: bool
    """Whether it fails the gate; where nothing was judged, whether it is a storm."""
    accepted: Accepted | None
    count: int
    site: Place | None
    """The call site in the code."""
    seen: Place | None
    """The line of the log that shows it best."""
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    references: tuple[str, ...] = ()

    def place(self, files: Files) -> Place | None:
        """Where it points to: the call site if it is in the repository, else the log's line, else the call site."""
        places = [place for place in (self.site, self.seen) if place is not None]
        for place in places:
            if place.file in files:
                return Place(files[place.file], place.line)
        return self.seen or self.site


def issues(report: Report) -> list[Issue]:
    """Those that fail the gate first, then by severity, each group in the order of the report."""
    known = by_id(report)
    failing = {(b.subject, b.id): b for b in report.gate.breaches} if report.gate is not None else {}
    found = list(_loops(report, known, failing))
    found += [_finding(finding, report, known, failing) for finding in report.findings]
    found += [_breach(breach, report, known) for breach in failing.values() if _stands_alone(breach)]
    return sorted(found, key=lambda i: (not i.failed, i.accepted is not None, SEVERITIES.index(i.severity)))


def problems(report: Report) -> list[Safe]:
    """What kept the log from being read: a report with one of these is not to be relied on."""
    found = [trusted(f"{item.source}: {item.reason}") for item in report.input.unreadable]
    if report.input.degraded:
        found.append(trusted(f"over half of the lines could not be read: {words.read(report.input)}"))
    if not (report.complete or report.input.unreadable):
        found.append(trusted("the reading was interrupted: what came after is not known"))
    return found


def _loops(
    report: Report, known: dict[str, ReportSignature], failing: Mapping[tuple[Subject | None, str], Breach]
) -> Iterator[Issue]:
    """Every storm, and whatever other loop fails the gate."""
    for loop in report.loops:
        breach = failing.get(("loop", loop.fingerprint))
        if loop.status != "storm" and breach is None:
            continue
        rule, severity = _LOOPS[loop.status]
        anchor = known.get(loop.anchor)
        name = f"`{anchor.text}`" if anchor is not None else f"signature {loop.anchor}"
        title = trusted(f"{rule.replace('-', ' ').capitalize()}: {words.iterations(loop.iterations)} of {name}")
        pace = words.again(loop)
        lines = words.lines(loop.lines, loop.share)
        summary = trusted(
            f"{lines}. {pace[:1].upper()}{pace[1:]}. Driver: {words.driver(loop)}. Ended: {words.ended(loop, known)}."
        )
        yield Issue(
            rule, f"loop:{loop.fingerprint}", None, title, summary, severity,
            failed=breach is not None if report.gate is not None else loop.status == "storm",
            accepted=_accepted(report, loop), count=loop.iterations, site=None,
            seen=_example(anchor),
        )  # fmt: skip


def _accepted(report: Report, loop: Loop) -> Accepted | None:
    for entry in report.gate.accepted if report.gate is not None else ():
        if entry.subject == "loop" and entry.id == loop.fingerprint:
            return Accepted(entry.reason, entry.expires)
    return None


def _finding(
    finding: Finding,
    report: Report,
    known: dict[str, ReportSignature],
    failing: Mapping[tuple[Subject | None, str], Breach],
) -> Issue:
    evidence = next((e for e in finding.evidence_for if e.source and e.line), None)
    seen = Place(evidence.source, evidence.line) if evidence is not None and evidence.source else None
    if seen is None:
        seen = next((_example(known[id]) for id in finding.signatures if id in known), None) or _first(report)
    site = Place(finding.locations[0].file, finding.locations[0].line) if finding.locations else None
    return Issue(
        finding.rule, finding.fingerprint, finding.cause, finding.title, finding.summary, finding.severity,
        failed=("finding", finding.fingerprint) in failing, accepted=finding.accepted, count=max(1, finding.lines),
        site=site, seen=seen, evidence=finding.evidence_for, remedies=finding.remediation,
        references=finding.references,
    )  # fmt: skip


def _stands_alone(breach: Breach) -> bool:
    """Whether it is neither a loop nor a finding: a flood, a broken budget, a verdict as a whole."""
    return breach.subject not in ("loop", "finding")


def _breach(breach: Breach, report: Report, known: dict[str, ReportSignature]) -> Issue:
    budget = breach.condition == "budget"
    rule = "budget" if budget else "flood" if breach.subject == "signature" else "verdict"
    text = trusted(f"Budget of {breach.text}" if budget else breach.text[:1].upper() + breach.text[1:])
    cause = breach.id if breach.subject == "cause" else None
    return Issue(
        rule, f"{rule}:{breach.subject}:{breach.id}", cause, text, text, "high", failed=True, accepted=None,
        count=max(1, breach.count), site=None, seen=_example(known.get(breach.id)) or _first(report),
    )  # fmt: skip


def _example(signature: ReportSignature | None) -> Place | None:
    if signature is None or not signature.example.source:
        return None
    return Place(signature.example.source, max(1, signature.example.line))


def _first(report: Report) -> Place | None:
    return Place(report.input.sources[0], 1) if report.input.sources else None
