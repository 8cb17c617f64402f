"""The report as an investigation document in Markdown, for an incident or a pull request.

Words of a log never stand outside a code span or a fence, unless they are plain words: GitHub and GitLab turn more than
the syntax into links (`@name`, `#12`, `GH-12`, `www.`, commit hashes), and a backslash doesn't stop them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floodscan.model import Evidence, Finding, Input, Loop, Report, ReportSignature
from floodscan.regex import regex
from floodscan.reports import words
from floodscan.reports.outline import TOP_FINDINGS, TOP_LOOPS, TOP_SIGNATURES, by_id, first_step, sections, steps
from floodscan.safe import safe, without_commands

_EXAMPLES = 5
"""Failures of which a whole line is shown."""
_ASIDE = frozenset(("noise", "symptom", "observation"))

_BACKTICKS = regex("`+")
# A word that no Markdown and no forge gives a meaning: letters, a hyphen or apostrophe within; a number; some signs.
_PLAIN = regex(r"[(\"'“]*(?:[^\W_]+(?:['’-][^\W\d_]+)*|\d+(?:[.,:-]\d+)*|[·–—→×%…])[)\"'”]*[.,;:!?]*[)\"'”]*")
_QUOTED = regex(r"(?<!`)`([^`\s](?:[^`\n]{0,1000}[^`\s])?)`(?!`)")
_OPENING = regex(r"(?:\A|(?<=\s))[(\"'“]+\Z")
_CLOSING = regex(r"[)\"'”]*[.,;:!?]*(?=\s|\Z)")
_HASH = regex(r"(?=.*\d)[0-9a-f]{7,64}")
_LIST_ITEM = regex(r"\d+[.)]")
_SIGNS = ".,;:!?"


def render(report: Report) -> str:
    """A document with the headings of an investigation: summary, observations, causes, recommendations, questions."""
    known = by_id(report)
    blocks = [
        f"# Log investigation: {words.verdict(report)}",
        *_summary(report),
        *_gate(report),
        *_observations(report, known),
    ]
    aside = [finding for finding in report.findings[:TOP_FINDINGS] if finding.role in _ASIDE]
    causes = [finding for finding in report.findings[:TOP_FINDINGS] if finding.role not in _ASIDE]
    if causes:
        blocks.append("## Root causes")
        if all(finding.role != "root-cause" for finding in causes):
            blocks.append("The log proves no root cause.")
        blocks += _findings(causes)
    if aside:
        blocks += ["## Noise and further findings", *_findings(aside)]
    if len(report.findings) > TOP_FINDINGS:
        blocks.append(_more(len(report.findings) - TOP_FINDINGS, "findings"))
    blocks += [*_recommendations(report), *_questions(report), *_references(report)]
    return without_commands("\n\n".join(block for block in blocks if block) + "\n")


def _summary(report: Report) -> Iterator[str]:
    yield "## Summary"
    yield prose(report.headline)
    source = report.input
    files = ", ".join(code(name) for name in source.sources[:TOP_LOOPS])
    more = f" and {len(source.sources) - TOP_LOOPS} more" if len(source.sources) > TOP_LOOPS else ""
    facts = [f"**Verdict:** {words.verdict(report)}", f"**Input:** {files}{more}: {prose(words.read(source))}"]
    facts += [f"**When:** {prose(reach)}" for reach in (words.reach(source),) if reach]
    facts += [f"**Clock:** {prose(clock)}" for clock in (words.clock(source),) if clock]
    if missing := words.incomplete(report):
        facts.append(f"**Incomplete:** {prose(missing)}")
    if wanted := first_step(report):
        facts.append(f"**First:** {prose(wanted[0])} ({', '.join(wanted[1])})")
    yield _bullets(facts)


def _gate(report: Report) -> Iterator[str]:
    """What `check` made of it; nothing where there was nothing to judge."""
    if report.gate is None:
        return
    yield f"## Gate: {words.gate_result(report.gate)}"
    yield _bullets([f"**{label}:** {prose(text)}" for label, text in words.gate_rows(report.gate, TOP_SIGNATURES)])


def _observations(report: Report, known: dict[str, ReportSignature]) -> Iterator[str]:
    if report.verdict == "quiet" and not report.loops:
        return
    yield "## Key observations"
    for loop in report.loops[:TOP_LOOPS]:
        yield from _loop(loop, known, report.input)
    if len(report.loops) > TOP_LOOPS:
        yield _more(len(report.loops) - TOP_LOOPS, "loops")
    rows = []
    for signature in report.signatures[:TOP_SIGNATURES]:
        bound = "at least " if signature.at_least else "about " if signature.approx else ""
        counts = (f"{bound}{words.number(signature.count)}", words.percent(signature.share))
        rows.append((*counts, *_cells(signature, signature.id)))
    if rows:
        yield "### Lines by signature"
        yield _table(("Lines", "Share", "Signature", "Error", "Role"), rows)
    if len(report.signatures) > TOP_SIGNATURES:
        yield _more(len(report.signatures) - TOP_SIGNATURES, "signatures")


def _loop(loop: Loop, known: dict[str, ReportSignature], source: Input) -> Iterator[str]:
    yield f"### {loop.id}: {loop.status}, {words.iterations(loop.iterations)}, {words.lines(loop.lines, loop.share)}"
    rows = []
    for step in loop.steps:
        rows.append((words.per_iteration(step.per_iteration), *_cells(known.get(step.signature), step.signature)))
    yield _table(("Each iteration", "Signature", "Error", "Role"), rows)
    facts = [("Pace", words.again(loop)), ("Driver", words.driver(loop)), ("When", words.span(loop, source))]
    if loop.trigger is not None:
        facts.append(("Began", f"{loop.trigger.kind}: {loop.trigger.text}"))
    facts += [("Kept up", loop.sustained_by), ("Ended", words.ended(loop, known))]
    yield _bullets([f"**{label}:** {prose(fact)}" for label, fact in facts if fact])


def _cells(signature: ReportSignature | None, id: str) -> tuple[str, str, str]:
    if signature is None:
        return code(id), "", ""
    role = words.ROLES[signature.role] if signature.role else ""
    return code(signature.text), code(words.error(signature.error)), role


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for _, members in sections(findings):
        for finding in members:
            yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    yield f"### {finding.id}: {prose(finding.title)}"
    facts = [words.ROLES[finding.role], finding.confidence, f"severity {finding.severity}", code(finding.cause)]
    facts += finding.loops
    facts += words.costs(finding)
    yield " · ".join(facts)
    if finding.accepted is not None:
        until = f" until {finding.accepted.expires}" if finding.accepted.expires else ""
        yield f"**Accepted**{prose(until)}: {prose(finding.accepted.reason)}"
    yield prose(finding.summary)
    rows = [f"**For:** {_evidence(item)}" for item in finding.evidence_for]
    rows += [f"**Against:** {_evidence(item)}" for item in finding.evidence_against]
    rows += [f"**Seen by:** {code(o.component) if o.component else ''} {prose(o.text)}" for o in finding.observers]
    if logged_by := words.components(finding):
        rows.append(f"**Logged by:** {prose(logged_by)}")
    for place in finding.locations:
        function = f" in {code(place.function)}" if place.function else ""
        aside = f" ({said})" if (said := words.aside(place)) else ""
        rows.append(f"**Code:** {code(words.place(place))}{function}{aside}")
    window = finding.blind_window
    if window is not None:
        after = f"after {code(window.after)}, " if window.after else ""
        rows.append(f"**The cause lies** {after}before {code(window.before)}")
        if window.statements:
            rows.append(f"**It may be thrown at:** {'; '.join(code(statement) for statement in window.statements)}")
        rows.append(f"**Add:** {code(window.add)}")
    if finding.probe:
        rows.append(f"**To settle it:** {prose(finding.probe)}")
    yield _bullets(rows)


def _evidence(evidence: Evidence) -> str:
    where = f" ({code(f'{evidence.source}:{evidence.line}')})" if evidence.source and evidence.line else ""
    return prose(evidence.text) + where


def _recommendations(report: Report) -> Iterator[str]:
    wanted = steps(report.findings[:TOP_FINDINGS])
    if not wanted:
        return
    yield "## Recommendations"
    rows = []
    for position, (remedy, ids) in enumerate(wanted, 1):
        aside = "; ".join(filter(None, (", ".join(ids), words.saves(remedy, report.input))))
        rows.append(f"{position}. **{remedy.kind.capitalize()}:** {prose(remedy.step)} ({aside})")
    yield "\n".join(rows)


def _questions(report: Report) -> Iterator[str]:
    if report.questions:
        yield "## Open questions"
        yield _bullets([prose(question.text) for question in report.questions])
    if report.limits:
        yield "## Limits of this report"
        limits = [f"{limit.what} (cap {words.number(limit.cap)}): {limit.effect}" for limit in report.limits]
        yield _bullets([prose(limit) for limit in limits])


def _references(report: Report) -> Iterator[str]:
    examples = [signature for signature in report.signatures if signature.failure][:_EXAMPLES]
    findings = report.findings[:TOP_FINDINGS]
    links = list(dict.fromkeys(link for finding in findings for link in finding.references))
    if not examples and not links:
        return
    yield "## References"
    for signature in examples:
        yield code(f"{signature.example.source}:{signature.example.line}")
        yield fence(signature.example.text)
    yield _bullets([f"<{link}>" if words.is_link(link) else code(link) for link in links])


# ---------------------------------------------------------------- Markdown


def prose(text: str) -> str:
    """A sentence as Markdown: what it quotes in backticks is a code span, and so is every word that is not plain."""
    out = ""
    parts = _QUOTED.split(text)
    for i, part in enumerate(parts):
        if i % 2:
            out = _beside(out, code(part))
            continue
        # Signs that close what stood before a quotation, or open what stands behind it, keep their place beside it.
        closing = _CLOSING.match(part) if i else None
        if closing is not None:
            out, part = out + closing[0], part[closing.end() :]
        opening = _OPENING.search(part) if i + 1 < len(parts) else None
        if opening is not None:
            part = part[: opening.start()]
        before, after = part[:1].isspace() and bool(out), part[-1:].isspace()
        words = _words(part)
        out = _beside(out + (" " if before else ""), words) + (" " if after and words else "")
        out += opening[0] if opening else ""
    return out.strip()


def _beside(out: str, more: str) -> str:
    """Both, apart where they would be one run of backticks: then neither code span would end where it should."""
    return out + (" " if out.endswith("`") and more.startswith("`") else "") + more


def _words(text: str) -> str:
    """A sentence in which every word that could mean more than itself stands in a code span."""
    out: list[str] = []
    coded: list[str] = []
    for word in [*safe(text).split(), ""]:
        if word and not _is_plain(word, first=not out and not coded):
            coded.append(word)
            continue
        if coded:
            span, tail = _without_tail(" ".join(coded))
            bracketed = span.startswith("(") and span.find(")") == len(span) - 1
            out.append((f"({code(span[1:-1])})" if bracketed else code(span)) + tail)
            coded = []
        if word:
            out.append(word)
    return " ".join(out)


def _without_tail(span: str) -> tuple[str, str]:
    """What a code span should hold, and the signs behind it: the sentence's own, and brackets that it opened before."""
    end, unopened = len(span), span.count(")") - span.count("(")
    while end and (span[end - 1] in _SIGNS or (span[end - 1] == ")" and unopened > 0)):
        end -= 1
        unopened -= span[end] == ")"
    return (span[:end], span[end:]) if end else (span, "")


def _is_plain(word: str, first: bool) -> bool:
    if _PLAIN.fullmatch(word) is None or _HASH.fullmatch(word.rstrip(".,;:!?")) is not None:
        return False
    return not (first and _LIST_ITEM.fullmatch(word))


def code(text: str) -> str:
    """A code span that the text can't close; nothing for nothing."""
    harmless = safe(text).strip()
    if not harmless:
        return ""
    ticks = "`" * (max((len(run) for run in _BACKTICKS.findall(harmless)), default=0) + 1)
    pad = " " if harmless.startswith("`") or harmless.endswith("`") else ""
    return f"{ticks}{pad}{harmless}{pad}{ticks}"


def fence(text: str) -> str:
    """A fenced block that the text can't close."""
    harmless = safe(text, multiline=True)
    ticks = "`" * max(3, max((len(run) for run in _BACKTICKS.findall(harmless)), default=0) + 1)
    return f"{ticks}text\n{harmless}\n{ticks}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _bullets(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _more(count: int, what: str) -> str:
    return f"+{count} more {what} in the JSON report."
