"""What `floodscan explain` and `floodscan rules` print: a rule's documentation, or why lines stand together."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from floodscan.errors import UnreadableInput, UsageError
from floodscan.model import Evidence, Finding, Loop, Report, ReportSignature
from floodscan.output import why
from floodscan.reports.json_report import parse
from floodscan.rules.check import Problem
from floodscan.rules.meanings import meanings
from floodscan.rules.rule import Rule, fill
from floodscan.safe import safe
from floodscan.shape import words

WIDTH = 100
"""Columns of running text."""

RAW = "|"
"""Before a heading: lines of a log, which are easier to find again if they are not wrapped."""

RETRY = {
    "never": "a retry can't heal it",
    "maybe": "a retry may heal it",
    "worse": "a retry makes it worse",
    "-": "not a matter of retries",
}

JOINED = (
    "Lines join when the constant words of their message, their logger, error type, code, status and opacity are the "
    "same; what a mask such as <num> stands for may differ."
)


def of_rules(rules: Sequence[Rule]) -> str:
    """A table: id, cause, layer, and what a retry does."""
    rows = [("rule", "cause", "layer", "retry"), *((rule.id, rule.cause, rule.layer, rule.retry) for rule in rules)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "".join("  ".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in rows)


def of_rule(rule: Rule) -> str:
    """The documentation that the rule carries, with placeholders replaced by their defaults."""
    steps = [f"{step.kind:<6} {fill(step.step, {})}" for step in rule.remediation]
    return _page(
        f"{rule.id}: {fill(rule.title, {})}",
        [
            ("Cause", [f"{rule.cause} (layer: {rule.layer}; {RETRY[rule.retry]})"]),
            ("What it is", [fill(rule.summary, {})]),
            ("How it looks", [fill(rule.looks_like, {})]),
            ("What would settle it", [fill(rule.probe, {})]),
            ("What to do", steps),
            (RAW + "Examples", rule.samples.match[:3]),
            ("References", rule.references),
        ],
    )


def of_cause(id: str, name: str, rules: Iterable[Rule]) -> str:
    """A cause of the report contract: the rules that name it, and where only a detector tells it what it means."""
    named_by = [f"{rule.id}: {fill(rule.title, {})}" for rule in rules if rule.cause == id]
    meaning = meanings().get(id)
    told = [] if meaning is None else [
        ("What it is", [meaning.what]),
        ("How it is told", [meaning.told]),
        ("What to do", meaning.steps),
    ]  # fmt: skip
    return _page(f"{id}: {name}", [*told, ("Named by", named_by)])


def of_problems(problems: Sequence[Problem], rules: int) -> str:
    """What `rules test` found, one problem a line with the sample below it, then the count."""
    lines: list[str] = []
    for problem in problems:
        lines.append(safe(f"{problem.file}: {problem.rule}: {problem.why}"))
        if problem.sample:
            lines.append("  " + safe(problem.sample))
    return "\n".join([*lines, f"{rules} rules, {len(problems)} problems"]) + "\n"


def of_entry(id: str, report: Report) -> str:
    """What the report says of a signature (id, or an id rolled up in it), a finding (`F1`) or a loop (`L1`).

    Raises UsageError where the report has no such id.
    """
    for signature in report.signatures:
        if id in signature.names:
            return _signature(signature, report)
    for finding in report.findings:
        if id in (finding.id, finding.fingerprint):
            return _finding(finding, report)
    for loop in report.loops:
        if id in (loop.id, loop.fingerprint):
            return _loop(loop, report)
    known = [
        *(finding.id for finding in report.findings),
        *(loop.id for loop in report.loops),
        *(name for signature in report.signatures for name in signature.names),
    ]
    raise UsageError(
        f"{id}: neither a rule nor in the report", hint=near(id, known, "ids stand in the report; floodscan rules list")
    )


def near(id: str, known: Iterable[str], hint: str) -> str:
    """The hint for an id that nobody knows, after the names that are spelt nearly so."""
    from difflib import get_close_matches

    spelt = {name.lower(): name for name in known}
    found = [spelt[name] for name in get_close_matches(id.lower()[:80], spelt, n=3)]
    return f"did you mean {' or '.join(found)}? {hint}" if found else hint


def load_report(path: str) -> Report:
    """A report that was written by `--format json`. Raises UnreadableInput, UsageError."""
    try:
        with open(path, "rb") as file:
            return parse(file.read())
    except OSError as error:
        raise UnreadableInput(path, why(error)) from None
    except ValueError:
        raise UsageError(f"{path}: not a report", hint="write one with: floodscan PATH --format json") from None


def _signature(signature: ReportSignature, report: Report) -> str:
    error = signature.error
    facts = {
        "shape": signature.text,
        "words": " ".join(words(signature.text)),
        "logger": signature.logger,
        "type": error.type if error else None,
        "code": error.code if error else None,
        "status": error.status if error else None,
        "opaque": "yes: the log does not show the error" if error and error.opaque else "no",
        "level": signature.level,
        "lines": _count(signature),
        "role": signature.role,
    }
    part_of = [f"{finding.id}  {finding.title}" for finding in report.findings if signature.id in finding.signatures]
    part_of += [f"{loop.id}  {loop.status}" for loop in report.loops if signature.id in loop.signatures]
    example = signature.example
    return _page(
        f"Signature {signature.id}",
        [
            ("Why these lines are one", [f"{name:<8} {value or '-'}" for name, value in facts.items()]),
            ("", [JOINED]),
            ("Rolled up for display", signature.rolled_up),
            (RAW + "Example", [f"{example.source}:{example.line}", *example.text.split("\n")]),
            ("Part of", part_of),
        ],
    )


def _finding(finding: Finding, report: Report) -> str:
    rank = f"{finding.role}, {finding.severity}, {finding.confidence}"
    return _page(
        f"{finding.id}: {finding.title}",
        [
            ("", [f"{rank}; cause {finding.cause}, rule {finding.rule}"]),
            ("What it is", [finding.summary]),
            ("For", _sentences(finding.evidence_for)),
            ("Against", _sentences(finding.evidence_against)),
            ("What would settle it", [finding.probe]),
            ("What to do", [f"{remedy.kind:<6} {remedy.step}" for remedy in finding.remediation]),
            ("Lines joined in it", _members(finding.signatures, report)),
            ("References", finding.references),
        ],
    )


def _loop(loop: Loop, report: Report) -> str:
    facts = [
        f"{loop.iterations} iterations, {loop.lines} lines, cadence {loop.cadence}, outcome {loop.outcome}",
        f"driver {loop.driver}; sustained by: {loop.sustained_by}",
    ]
    if loop.gap_ms:
        gap = loop.gap_ms
        facts.append(f"gaps between attempts: median {gap.median} ms, p10 {gap.p10} ms, p90 {gap.p90} ms")
    per_iteration = {step.signature: step.per_iteration for step in loop.steps}
    steps = [
        f"{per_iteration.get(id, 0):>6.2f} x  {member}"
        for id, member in zip(loop.signatures, _members(loop.signatures, report), strict=True)
    ]
    return _page(
        f"{loop.id}: {loop.status}",
        [
            ("", facts),
            ("One iteration, in order (lines per iteration)", steps),
            ("Counted by", _members([loop.anchor], report)),
        ],
    )


def _members(ids: Iterable[str], report: Report) -> list[str]:
    known = {id: entry for entry in report.signatures for id in (*entry.rolled_up, entry.id)}
    return [f"{id}  {_count(known[id])}  {known[id].text}" if id in known else id for id in ids]


def _sentences(evidence: Iterable[Evidence]) -> list[str]:
    return [f"{e.text} ({e.source}:{e.line})" if e.source and e.line else e.text for e in evidence]


def _count(signature: ReportSignature) -> str:
    hedge = "at least " if signature.at_least else "about " if signature.approx else ""
    return f"{hedge}{signature.count}"


def _page(title: str, sections: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Plain text: a title, then headed sections; those without a line are left out, those marked RAW not wrapped."""
    parts: list[str] = [safe(title)]
    for heading, lines in sections:
        if not lines:
            continue
        name = heading.removeprefix(RAW)
        parts.append(f"\n{name}" if name else "")
        for line in map(safe, lines):
            parts.append(f"  {line}" if heading.startswith(RAW) else _wrapped(line, hanging=len(lines) > 1))
    return "\n".join(parts) + "\n"


def _wrapped(line: str, *, hanging: bool) -> str:
    later = "    " if hanging else "  "
    return textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent=later, break_on_hyphens=False)
