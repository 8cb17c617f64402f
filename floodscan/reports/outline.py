"""The order in which the formats for people tell a report: sections of findings, and the steps to take."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.model import Finding, Loop, Remedy, Report, ReportSignature, Step
from floodscan.model.sections import TOP_FINDINGS, by_section

__all__ = ["TOP_FINDINGS", "TOP_LOOPS", "TOP_SIGNATURES", "TOP_STEPS", "by_id", "first_step", "main_steps", "sections", "steps"]

TOP_LOOPS, TOP_STEPS, TOP_SIGNATURES = 5, 12, 20
"""How many a page for people shows; the JSON report has all."""

_STEPS = ("stop", "fix", "watch")
_UNSURE = ("noise", "observation", "hypothesis")
"""Roles that are no reason for a first step, where there is another."""


def sections(findings: Sequence[Finding]) -> list[tuple[str, list[Finding]]]:
    """Titles and their findings. The section whose best finding ranks first stands first; ranks hold within each."""
    return [(title, [findings[i] for i in places]) for title, places in by_section([f.role for f in findings])]


def steps(findings: Sequence[Finding]) -> list[tuple[Remedy, list[str]]]:
    """Each step once, with the findings that ask for it: stop the bleeding, fix, then watch; within each ranks hold, but
    for what is only supposed, which comes behind what is known to be amiss."""
    sure = {finding.id for finding in findings if finding.role not in _UNSURE}
    wanted: dict[tuple[str, str], tuple[Remedy, list[str]]] = {}
    for finding in findings:
        for remedy in () if finding.accepted else finding.remediation:
            wanted.setdefault((remedy.kind, remedy.step), (remedy, []))[1].append(finding.id)
    return sorted(wanted.values(), key=lambda step: (_STEPS.index(step[0].kind), sure.isdisjoint(step[1])))


def first_step(report: Report) -> tuple[str, list[str]] | None:
    """The first step to take against the worst loop, with the findings that ask for it; without a loop, against what ranks
    first. Where nothing mends it yet, what would settle its cause. None where there is nothing to do."""
    worst = report.loops[0].id if report.loops else None
    about = [f for i, f in enumerate(report.findings[:TOP_FINDINGS]) if (worst in f.loops if worst else i == 0)]
    sure = [finding for finding in about if finding.role not in _UNSURE]
    about = [f for f in sure or about if not f.accepted and f.role not in ("noise", "observation")]
    for remedy, ids in steps(about):
        return remedy.step, ids
    return next(((finding.probe, [finding.id]) for finding in about if finding.probe), None)


def main_steps(loop: Loop) -> list[Step]:
    """The steps that a page shows: all of a short iteration, of a long one those that take part most, in order."""
    most = sorted(loop.steps, key=lambda s: (s.signature != loop.anchor, -min(1.0, s.per_iteration)))[:TOP_STEPS]
    return [step for step in loop.steps if step in most]


def by_id(report: Report) -> dict[str, ReportSignature]:
    """Signatures by whatever they may be called by; an id goes before another's fingerprint."""
    known = {name: signature for signature in report.signatures for name in signature.names}
    return {**known, **{id: s for s in report.signatures for id in (s.id, *s.rolled_up)}}
