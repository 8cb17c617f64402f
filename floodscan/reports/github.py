"""Annotations of GitHub Actions: one workflow command a line, the worst first.

GitHub keeps ten of a kind in a step and drops the rest in silence, so the tenth says how many more there are.
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from floodscan.model import Report
from floodscan.reports import words
from floodscan.reports.issues import Files, Issue, Place, issues, problems
from floodscan.safe import safe

Kind = Literal["error", "warning", "notice"]
MOST = 10
"""Annotations of a kind that GitHub shows of one step."""
LONGEST = 1_000
"""Characters of a message: the summary has the rest."""
TITLE = 120


def render(report: Report, *, files: Files | None = None) -> str:
    """Lines such as `::error file=src/db.js,line=12,title=...::...`; a notice with the verdict where nothing is wrong.

    files: what is in the repository. Only a call site that lies there is pointed to: GitHub looks for no log.
    """
    by_kind: dict[Kind, list[tuple[str, str, Place | None]]] = {"error": [], "warning": [], "notice": []}
    for problem in problems(report):
        by_kind["error"].append(("floodscan could not read the log", problem, None))
    for issue in issues(report):
        by_kind[_kind(issue, judged=report.gate is not None)].append((issue.title, _message(issue), _in(files, issue)))
    for note in report.gate.notes if report.gate is not None else ():
        by_kind["warning"].append(("floodscan baseline", note, None))
    if not any(by_kind.values()):
        by_kind["notice"].append((f"floodscan: {words.verdict(report)}", report.headline, None))
    return "".join(line + "\n" for kind, found in by_kind.items() for line in _commands(kind, found))


def _commands(kind: Kind, found: list[tuple[str, str, Place | None]]) -> list[str]:
    shown = found if len(found) <= MOST else found[: MOST - 1]
    lines = [command(kind, message, title=title, place=place) for title, message, place in shown]
    if len(shown) < len(found):
        lines.append(command(kind, f"+{len(found) - len(shown)} more: the report has them", title="floodscan"))
    return lines


def _kind(issue: Issue, *, judged: bool) -> Kind:
    """What fails is an error, and so is what is grave where nothing was judged; what was accepted is only noted."""
    if issue.failed or (not judged and issue.severity in ("critical", "high")):
        return "error"
    return "notice" if issue.accepted is not None or issue.severity in ("low", "info") else "warning"


def _message(issue: Issue) -> str:
    parts: list[str] = [issue.summary]
    if issue.accepted is not None:
        parts.insert(0, f"Accepted until {issue.accepted.expires}: {issue.accepted.reason}")
    parts += [f"To do ({remedy.kind}): {remedy.step}" for remedy in issue.remedies[:1]]
    if issue.seen is not None and issue.seen.line:
        parts.append(f"Seen at {issue.seen.file}:{issue.seen.line}")
    return "\n".join(parts)


def _in(files: Files | None, issue: Issue) -> Place | None:
    site = issue.site
    return Place(files[site.file], site.line) if files and site is not None and site.file in files else None


def command(kind: Kind, message: str, *, title: str, place: Place | None = None) -> str:
    """One workflow command, in which no text can end the line, begin a property, or be a command of its own."""
    properties: Mapping[str, str] = {
        **({"file": place.file} if place is not None else {}),
        **({"line": str(place.line)} if place is not None and place.line else {}),
        "title": _cut(title, TITLE),
    }
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {named}::{_data(_cut(message, LONGEST))}"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _data(text: str) -> str:
    return safe(text, multiline=True).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
