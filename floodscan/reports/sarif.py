"""SARIF 2.1.0, as OASIS defines it and as GitHub's code scanning demands it: every result has a location.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/, https://docs.github.com/code-security/reference/code-scanning/
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from floodscan.model import Report, Severity
from floodscan.regex import regex
from floodscan.reports import words
from floodscan.reports.issues import Files, Issue, Place, issues, problems
from floodscan.reports.markdown import code, prose
from floodscan.rules.load import causes
from floodscan.safe import safe, without_commands

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 5_000
"""Results of a run that GitHub keeps; ours are ranked."""
_LEVELS: dict[Severity, str] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note",
}  # fmt: skip
_OURS = {
    "retry-storm": "Retry loop without backoff: fast, rising, or a quarter of the log",
    "retry-loop": "Retry loop",
    "retry-with-backoff": "Retry loop that backs off",
    "flood": "One failure floods the log",
    "budget": "Budget not kept",
    "verdict": "The log as a whole",
}
_PLACEHOLDER = regex(r"\{(\d+)\}")


def render(report: Report, *, files: Files | None = None) -> str:
    """One run. files: what is in the repository, by its name in the report: GitHub shows results only on such files."""
    found = issues(report)[:RESULTS]
    rules = sorted({issue.rule: issue for issue in reversed(found)}.values(), key=lambda issue: issue.rule)
    index = {issue.rule: position for position, issue in enumerate(rules)}
    page = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": report.tool.name,
                        "version": report.tool.version,
                        "semanticVersion": report.tool.version,
                        "rules": [_rule(issue) for issue in rules],
                    }
                },
                "automationDetails": {"id": f"{report.tool.name}/"},
                "invocations": [_invocation(report)],
                "results": [_result(issue, index[issue.rule], files or {}) for issue in found],
                "columnKind": "unicodeCodePoints",
                "properties": {"verdict": report.verdict, "headline": report.headline},
            }
        ],
    }
    return without_commands(orjson.dumps(page, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())


def _invocation(report: Report) -> dict[str, Any]:
    notes = problems(report)
    return {
        "executionSuccessful": not notes,
        "toolExecutionNotifications": [{"level": "error", "message": _message(note)} for note in notes],
    }


def _rule(issue: Issue) -> dict[str, Any]:
    name = safe(_OURS.get(issue.rule) or causes().get(issue.cause or "", issue.rule))
    links = [link for link in issue.references if words.is_link(link)]
    explained = f"`floodscan explain {issue.rule}` says more." if issue.rule not in _OURS else name
    return {
        "id": issue.rule,
        "name": "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", issue.rule)) or "Rule",
        "shortDescription": {"text": name},
        "fullDescription": {"text": name},
        "help": {
            "text": "\n".join([explained.replace("`", ""), *links]),
            "markdown": "\n\n".join([explained, *(f"<{link}>" for link in links)]),
        },
        "defaultConfiguration": {"level": _LEVELS[issue.severity]},
        "properties": {
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(_LEVELS[issue.severity], "recommendation"),
            "tags": ["reliability", *([issue.cause] if issue.cause else [])],
        },
    }


def _result(issue: Issue, index: int, files: Files) -> dict[str, Any]:
    place = issue.place(files) or Place("log", None)
    others = [other for other in (issue.site, issue.seen) if other is not None and other.file != place.file]
    return {
        "ruleId": issue.rule,
        "ruleIndex": index,
        "level": _LEVELS[issue.severity],
        "message": {"text": _text(issue), "markdown": _markdown(issue)},
        "occurrenceCount": max(1, issue.count),
        "locations": [_location(place)],
        "relatedLocations": [_location(Place(files.get(o.file, o.file), o.line), i) for i, o in enumerate(others, 1)],
        "partialFingerprints": {"floodscan/v1": issue.key, "primaryLocationLineHash": f"{issue.key}:1"},
        "suppressions": (
            [{"kind": "external", "status": "accepted", "justification": safe(issue.accepted.reason)}]
            if issue.accepted is not None
            else []
        ),
        "properties": {"severity": issue.severity, "cause": issue.cause, "fails": issue.failed},
    }


def _text(issue: Issue) -> str:
    steps = [f"To do ({remedy.kind}): {remedy.step}" for remedy in issue.remedies]
    return _plain("\n".join([f"{issue.title}.", issue.summary, *steps]))


def _message(text: str) -> dict[str, str]:
    return {"text": _plain(text)}


def _plain(text: str) -> str:
    """A message in which nothing is one of SARIF's links, `[text](1)`, or placeholders, `{0}`.

    Only these are escaped, not every bracket: most viewers show the escapes as they stand.
    """
    return _PLACEHOLDER.sub(r"{{\1}}", safe(text, multiline=True).replace("](", r"\]("))


def _markdown(issue: Issue) -> str:
    rows = [f"- {prose(item.text)}{_at(item.source, item.line)}" for item in issue.evidence]
    steps = [f"- **{remedy.kind.capitalize()}:** {prose(remedy.step)}" for remedy in issue.remedies]
    parts: Sequence[str] = (f"**{prose(issue.title)}**", prose(issue.summary), "\n".join(rows), "\n".join(steps))
    return _PLACEHOLDER.sub(r"{{\1}}", "\n\n".join(part for part in parts if part))


def _at(source: str | None, line: int | None) -> str:
    return f" ({code(f'{source}:{line}')})" if source and line else ""


def _location(place: Place, id: int | None = None) -> dict[str, Any]:
    return {
        **({"id": id} if id is not None else {}),
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {"startLine": max(1, place.line or 1)},
        },
    }


def _uri(name: str) -> str:
    """A path as a URI: relative as it was given, absolute as `file:`; nothing in it is read as a scheme or a query."""
    path = name.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    if re.match(r"[A-Za-z]:/", path):
        path = f"/{path}"
    quoted = quote(path, safe="/~-._")
    return f"file://{quoted}" if path.startswith("/") else quoted or "log"
