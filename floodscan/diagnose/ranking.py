"""Severity, verdict and the order of findings: one table each."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.detectors.case import Case, Draft, Failure
from floodscan.loops.loop import FoundLoop
from floodscan.model import CONFIDENCES, SEVERITIES, WORTH, Role, Severity, Verdict

ROLES: tuple[Role, ...] = (
    "root-cause", "blind-spot", "hypothesis", "sustaining", "symptom", "noise", "observation",
)  # fmt: skip

FLOOD_SHARE, FLOOD_RECORDS = 0.5, 200
"""One failure that makes up more than half of this many records is a flood, loop or not."""
BURST, BURST_LEAST = 10, 20
"""A bucket with this many times the median rate of a failure's own occupied buckets, and at least so many lines."""
LARGE_SHARE = 0.1
"""Share of the log from which a fault outside storms is high, if it was logged as an error."""

_STORM: dict[Role, Severity] = {
    "root-cause": "critical", "blind-spot": "critical", "hypothesis": "high", "sustaining": "high",
}  # fmt: skip
_LOOP: dict[Role, Severity] = {
    "root-cause": "high", "blind-spot": "medium", "hypothesis": "medium", "sustaining": "medium",
}  # fmt: skip
_FAULT: dict[Role, Severity] = {
    "root-cause": "medium", "blind-spot": "medium", "hypothesis": "low", "sustaining": "low", "symptom": "low",
}  # fmt: skip
_ALWAYS: dict[Role, Severity] = {"noise": "low", "observation": "low"}


def severity_of(draft: Draft, case: Case) -> Severity:
    """By role, by the worst loop the finding is about, and by its share of the log."""
    if draft.mild:
        return "info"
    if draft.role in _ALWAYS:
        return _ALWAYS[draft.role]
    statuses = {loop.status for loop in draft.loops}
    if "storm" in statuses:
        return _STORM.get(draft.role, "medium")
    level = max((case.signatures[s].level for s in draft.signatures if s in case.signatures), default=0)
    lines = weight_of(draft, case)
    if "loop" in statuses:
        small = draft.role == "root-cause" and (0 <= level < 4 or _is_clients(draft, case))
        return "medium" if small else _LOOP.get(draft.role, "low")
    base = _FAULT.get(draft.role, "low")
    if draft.role == "root-cause":
        if draft.cause == "unclassified":
            return "low" if level < 4 else "medium"
        if level == 5 or (level in (-1, 4) and lines >= LARGE_SHARE * max(1, case.profile.lines)):
            return "high"
        if 0 <= level < 3:
            return "low"
    return base


def _is_clients(draft: Draft, case: Case) -> bool:
    """Whether the failure is the client's own: what one client does wrong is not the service's outage."""
    failure = case.failures.get(draft.signatures[0])
    return failure is not None and failure.layer == "client"


def weight_of(draft: Draft, case: Case) -> int:
    """Lines the finding is about."""
    if draft.weight is not None:
        return draft.weight
    return sum(case.signatures[s].lines for s in dict.fromkeys(draft.signatures) if s in case.signatures)


def ranked(drafts: Sequence[Draft], case: Case) -> list[tuple[Severity, Draft]]:
    """Findings, the most urgent first: severity, then role, then lines; of root causes with lines of as many digits the
    surest goes first. However many lines a possible one has, it is not read before what the log proves."""
    pairs = [(severity_of(draft, case), draft) for draft in drafts]
    proven: dict[Severity, int] = {}
    for severity, draft in pairs:
        if draft.role == "root-cause" and draft.confidence == "proven":
            proven[severity] = min(_digits(draft, case), proven.get(severity, _digits(draft, case)))

    def digits(severity: Severity, draft: Draft) -> int:
        own = _digits(draft, case)
        doubtful = draft.role == "root-cause" and draft.confidence == "possible"
        return min(own, proven.get(severity, own)) if doubtful else own

    return sorted(
        pairs,
        key=lambda p: (
            SEVERITIES.index(p[0]),
            ROLES.index(p[1].role),
            p[1].cause == "unclassified",
            -digits(*p),
            CONFIDENCES.index(p[1].confidence) if p[1].role == "root-cause" else 0,
            -weight_of(p[1], case),
            p[1].rule,
            p[1].signatures,
        ),
    )


def _digits(draft: Draft, case: Case) -> int:
    return len(str(weight_of(draft, case)))


def verdict_of(drafts: Sequence[tuple[Severity, Draft]], loops: Sequence[FoundLoop], case: Case) -> Verdict:
    """storm, flood, faults, noise or quiet."""
    if any(loop.status == "storm" for loop in loops):
        return "storm"
    worth = [d for s, d in drafts if d.role in WORTH]
    if worth and flooding(case):
        return "flood"
    if worth:
        return "faults"
    return "noise" if any(d.role in ("noise", "observation") for _, d in drafts) else "quiet"


def flooding(case: Case) -> frozenset[str]:
    """The signatures of unexpected failures that burst, or fill more than half of the log, alone or with their loop's."""
    found = {failure.id for failure in case.failures.values() if _floods(failure, case)}
    for loop in case.loops:
        failing = [m.profile for m in loop.failing if m.profile.hard and m.profile.signature.id not in case.expected]
        if case.profile.records >= FLOOD_RECORDS and sum(s.count for s in failing) > FLOOD_SHARE * case.profile.records:
            found |= {s.signature.id for s in failing}
    return frozenset(found)


def _floods(failure: Failure, case: Case) -> bool:
    if failure.id in case.expected or not failure.profile.hard:
        return False
    records = case.profile.records
    if records >= FLOOD_RECORDS and failure.profile.count > FLOOD_SHARE * records:
        return True
    counts = sorted(failure.profile.times.buckets.values())
    return len(counts) >= 4 and counts[-1] >= max(BURST_LEAST, BURST * counts[len(counts) // 2])
