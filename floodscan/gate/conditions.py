"""What `fail_on` can name, and what of a report meets it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from floodscan.durations import lasting
from floodscan.errors import UsageError
from floodscan.model import (
    SEVERITIES,
    WORTH,
    Breach,
    Finding,
    Loop,
    LoopStatus,
    Report,
    ReportSignature,
    Subject,
    Verdict,
)
from floodscan.safe import trusted

VERDICTS: tuple[Verdict, ...] = ("storm", "flood", "faults")
"""Worst first: each includes those before it, and so do the severities and statuses."""
STATUSES: tuple[LoopStatus, ...] = get_args(LoopStatus)
PLAIN: tuple[str, ...] = (
    *VERDICTS,
    *(f"severity:{name}" for name in SEVERITIES),
    *(f"status:{name}" for name in STATUSES),
)
"""Every condition but `cause:ID`."""


def parse(values: Iterable[str], known_causes: frozenset[str], *, where: str) -> tuple[str, ...]:
    """`storm`, `severity:high`, `cause:db-unreachable`, `status:loop`, each checked; any of them suffices to fail.

    where: what they were given by (`--fail-on`), for the message. Raises UsageError for anything else: a misspelt
    condition would never be met, and a gate that can't fail is worse than none.
    """
    wanted = tuple(dict.fromkeys(values))
    for value in wanted:
        kind, _, name = value.partition(":")
        known: dict[str, Sequence[str] | frozenset[str]] = {
            "severity": SEVERITIES, "status": STATUSES, "cause": known_causes
        }  # fmt: skip
        if value not in VERDICTS and name not in known.get(kind, ()):
            raise UsageError(f"{where} {value}: not a condition", hint=_nearest(value, known_causes))
    return wanted


def _nearest(value: str, known_causes: frozenset[str]) -> str:
    if value.startswith("cause:"):
        causes = difflib.get_close_matches(value.removeprefix("cause:"), sorted(known_causes), n=1)
        return f"did you mean cause:{causes[0]}?" if causes else "no such cause; `floodscan rules list` names them"
    near = difflib.get_close_matches(value, [*PLAIN, *(f"cause:{cause}" for cause in sorted(known_causes))], n=1)
    return f"did you mean {near[0]}?" if near else f"one of {', '.join(PLAIN)}, cause:ID"


def met(report: Report, conditions: Sequence[str]) -> list[Breach]:
    """What meets the conditions, each thing once, under the first condition that it meets."""
    found: dict[tuple[Subject | None, str], Breach] = {}
    for condition in conditions:
        for breach in _met(report, condition):
            found.setdefault((breach.subject, breach.id), breach)
    return list(found.values())


def _met(report: Report, condition: str) -> Iterator[Breach]:
    kind, _, name = condition.partition(":")
    texts = {id: signature for signature in report.signatures for id in (signature.id, *signature.rolled_up)}
    if kind == "status":
        statuses = STATUSES[: [*STATUSES].index(_status(name)) + 1]
        yield from (_loop(condition, loop, texts) for loop in report.loops if loop.status in statuses)
    elif kind == "severity":
        severities = SEVERITIES[: [*map(str, SEVERITIES)].index(name) + 1]
        yield from (_finding(condition, finding) for finding in report.findings if finding.severity in severities)
    elif kind == "cause":
        yield from (_finding(condition, finding) for finding in report.findings if finding.cause == name)
    else:
        yield from _of_verdict(report, condition, texts)


def _status(name: str) -> LoopStatus:
    return next(status for status in STATUSES if status == name)


def _of_verdict(report: Report, condition: str, texts: dict[str, ReportSignature]) -> Iterator[Breach]:
    """What gave the verdict, so that each part of it can be accepted by itself; else the verdict as a whole."""
    named = VERDICTS[: [*map(str, VERDICTS)].index(condition) + 1]
    parts = {
        "storm": [_loop(condition, loop, texts) for loop in report.loops if loop.status == "storm"],
        "flood": [_flood(condition, signature) for signature in report.signatures if signature.floods],
        "faults": [_finding(condition, finding) for finding in report.findings if finding.role in WORTH],
    }
    for verdict in named:
        yield from parts[verdict]
        if report.verdict == verdict and not parts[verdict]:
            yield Breach(trusted(condition), None, verdict, 1, report.headline)


def _loop(condition: str, loop: Loop, texts: dict[str, ReportSignature]) -> Breach:
    anchor = texts.get(loop.anchor)
    name = f"`{anchor.text}`" if anchor is not None else f"signature {loop.anchor}"
    took = ""
    if loop.first_offset_ms is not None and loop.last_offset_ms is not None:
        took = f" {lasting(loop.last_offset_ms - loop.first_offset_ms)}"
    text = f"{loop.id}, a {loop.status}: {loop.iterations} iterations of {name}{took}"
    return Breach(trusted(condition), "loop", loop.fingerprint, loop.iterations, trusted(text))


def _flood(condition: str, signature: ReportSignature) -> Breach:
    text = trusted(f"a flood: {signature.count} records of `{signature.text}`")
    return Breach(trusted(condition), "signature", signature.fingerprint or signature.id, signature.count, text)


def _finding(condition: str, finding: Finding) -> Breach:
    text = trusted(f"{finding.id}, {finding.severity}: {finding.title}")
    return Breach(trusted(condition), "finding", finding.fingerprint, finding.lines, text)
