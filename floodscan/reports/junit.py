"""JUnit XML: a suite for each source, in it a case for each rule that was found there, and one for retry storms.

There is no standard; https://github.com/testmoapp/junitxml says what the readers of it share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from floodscan.model import Report
from floodscan.reports.issues import STORM, Issue, issues, problems
from floodscan.safe import safe, without_commands


def render(report: Report) -> str:
    """A failed case is what fails the gate, or a storm where nothing was judged; a skipped one was accepted.

    What could not be read is an error, whose suite has the source's name.
    """
    cases: dict[str, dict[str, list[Issue]]] = {source: {STORM: []} for source in report.input.sources}
    for issue in issues(report):
        source = issue.seen.file if issue.seen is not None else report.tool.name
        cases.setdefault(source, defaultdict(list)).setdefault(issue.rule, []).append(issue)
    root = Element("testsuites", name=report.tool.name)
    for source, rules in cases.items():
        suite = SubElement(root, "testsuite", name=safe(source))
        for rule, found in rules.items():
            _case(suite, source, rule, found)
    for unread in report.input.unreadable:
        _error(root, unread.source, unread.reason)
    for problem in problems(report)[len(report.input.unreadable) :]:
        _error(root, report.tool.name, problem)
    for suite in [*root, root]:
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(name, str(sum(1 for _ in suite.iter(tag))))
    indent(root)
    page = tostring(root, encoding="unicode")
    return without_commands(f'<?xml version="1.0" encoding="UTF-8"?>\n{page}\n')


def _case(suite: Element, source: str, rule: str, found: Sequence[Issue]) -> None:
    case = SubElement(suite, "testcase", classname=safe(source), name=safe(rule), time="0")
    failed = [issue for issue in found if issue.failed]
    if failed:
        failure = SubElement(case, "failure", message=safe(failed[0].title), type=rule)
        failure.text = _body(failed)
    elif found and all(issue.accepted is not None for issue in found):
        reasons = dict.fromkeys(issue.accepted.reason for issue in found if issue.accepted is not None)
        SubElement(case, "skipped", message=safe(f"accepted: {'; '.join(reasons)}"))
    elif found:
        SubElement(case, "system-out").text = _body(found)


def _error(root: Element, source: str, reason: str) -> None:
    suite = SubElement(root, "testsuite", name=safe(source))
    case = SubElement(suite, "testcase", classname=safe(source), name="read", time="0")
    SubElement(case, "error", message=safe(reason), type="unreadable").text = safe(reason)


def _body(found: Sequence[Issue]) -> str:
    parts = []
    for issue in found:
        lines: list[str] = [issue.title, issue.summary]
        for item in issue.evidence:
            lines.append(f"for: {item.text}" + (f" ({item.source}:{item.line})" if item.source and item.line else ""))
        lines += [f"{remedy.kind}: {remedy.step}" for remedy in issue.remedies]
        parts.append("\n".join(lines))
    return safe("\n\n".join(parts), multiline=True)
