"""Report, policy and baseline -> the report with its gate: what fails it, what is accepted, what needs looking after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from floodscan.gate.baseline import Baseline, Entry
from floodscan.gate.budget import Budget, broken
from floodscan.gate.conditions import met
from floodscan.gate.count import count_of
from floodscan.model import Acceptance, Accepted, Breach, Gate, Report, Safe, Subject
from floodscan.safe import trusted

NAMED = 5
"""Entries that a note names; the rest are counted."""


def judge(
    report: Report,
    conditions: Sequence[str],
    budgets: Sequence[Budget] = (),
    baseline: Baseline = (),
    *,
    today: date | None = None,
) -> Report:
    """The report with `gate` filled in and its accepted findings marked, a pure function.

    today: the day that the entries of the baseline are held against; None where there is no baseline. A budget is
    never accepted: it says itself how much is.
    """
    found = {entry.key: (entry, count_of(report, entry.subject, entry.id)) for entry in baseline}
    holding = {key: entry for key, (entry, count) in found.items() if count and _holds(entry, count, today)}
    breaches = []
    for breach in met(report, conditions):
        entries = [found[key][0] for key in _keys(report, breach) if key in found]
        if not _accepted_before(report, breach) and not any(entry.key in holding for entry in entries):
            breaches.append(_explained(breach, entries, today))
    breaches += broken(report, budgets)
    accepted = tuple(
        Acceptance(e.subject, e.id, found[e.key][1], e.max, e.reason, e.expires.isoformat()) for e in holding.values()
    )
    gate = Gate(
        passed=not (breaches or not report.whole),
        conditions=tuple(trusted(name) for name in (*conditions, *(f"budget {budget.name}" for budget in budgets))),
        breaches=tuple(breaches),
        accepted=tuple(sorted(accepted, key=lambda a: (a.subject, a.id))),
        notes=tuple(_notes(report, list(found.values()), today)),
    )
    return replace(_marked(report, holding), gate=gate)


def open_breaches(report: Report, conditions: Sequence[str], baseline: Baseline, today: date) -> list[Breach]:
    """What fails the conditions and can be accepted by an entry: all but a verdict as a whole."""
    gate = judge(report, conditions, (), baseline, today=today).gate
    return [breach for breach in gate.breaches if breach.subject is not None] if gate is not None else []


def _holds(entry: Entry, count: int, today: date | None) -> bool:
    return count <= entry.max and not _expired(entry, today)


def _expired(entry: Entry, today: date | None) -> bool:
    return today is not None and today > entry.expires


def _keys(report: Report, breach: Breach) -> list[tuple[Subject, str]]:
    """The entries that could accept it: its own id, another name of a signature, a finding's cause."""
    if breach.subject is None:
        return []
    keys: list[tuple[Subject, str]] = [(breach.subject, breach.id)]
    if breach.subject == "signature":
        keys += [("signature", name) for s in report.signatures if breach.id in s.names for name in s.names]
    if breach.subject == "finding":
        keys += [("cause", finding.cause) for finding in report.findings if finding.fingerprint == breach.id]
    return keys


def _accepted_before(report: Report, breach: Breach) -> bool:
    """Whether the report came with the finding accepted."""
    if breach.subject != "finding":
        return False
    return all(f.accepted is not None for f in report.findings if f.fingerprint == breach.id)


def _explained(breach: Breach, entries: Sequence[Entry], today: date | None) -> Breach:
    """The breach, with the reason why what was accepted is accepted no longer."""
    why = [
        f"accepted until {entry.expires.isoformat()}"
        if _expired(entry, today)
        else f"accepted up to {entry.max}, and has grown"
        for entry in entries
    ]
    return replace(breach, text=trusted(f"{breach.text} ({'; '.join(why)})")) if why else breach


def _marked(report: Report, holding: dict[tuple[Subject, str], Entry]) -> Report:
    findings = []
    for finding in report.findings:
        entry = holding.get(("finding", finding.fingerprint)) or holding.get(("cause", finding.cause))
        if entry is not None:
            finding = replace(finding, accepted=Accepted(entry.reason, entry.expires.isoformat()))
        findings.append(finding)
    return replace(report, findings=tuple(findings))


def _notes(report: Report, found: Sequence[tuple[Entry, int]], today: date | None) -> list[Safe]:
    notes = []
    if not report.whole:
        notes.append("the log was not read as a whole, so this can't pass")
    if any(limit.what == "findings" for limit in report.limits):
        notes.append(
            "the report leaves out its lesser findings: those of a cause or rule may be more than were counted"
        )
    stale = [entry for entry, count in found if not count]
    if stale:
        few = len(stale) == 1
        what = "entry of the baseline matches" if few else "entries of the baseline match"
        notes.append(f"{len(stale)} {what} nothing in this log: {_listed(stale)}")
    expired = [entry for entry, count in found if count and _expired(entry, today)]
    if expired:
        notes.append(f"expired in the baseline: {_listed(expired)}")
    return [trusted(note) for note in notes]


def _listed(entries: Sequence[Entry]) -> str:
    names = [entry.name for entry in sorted(entries, key=lambda entry: entry.key)]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
