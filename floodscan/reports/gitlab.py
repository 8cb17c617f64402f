"""GitLab's code quality report: what a merge request shows as new and as mended, told apart by fingerprints.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import orjson

from floodscan.model import Report, Severity
from floodscan.reports.issues import Files, Issue, issues
from floodscan.safe import safe, without_commands

_SEVERITIES: dict[Severity, str] = {
    "critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info",
}  # fmt: skip


def render(report: Report, *, files: Files | None = None) -> str:
    """A JSON array, one object an issue. files: what is in the repository, by its name in the report."""
    page = orjson.dumps(
        [_entry(issue, files or {}) for issue in issues(report)],
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )
    return without_commands(page.decode())


def _entry(issue: Issue, files: Files) -> dict[str, object]:
    place = issue.place(files)
    accepted = f"accepted until {issue.accepted.expires}: " if issue.accepted is not None else ""
    return {
        "description": safe(f"{accepted}{issue.title}"),
        "check_name": issue.rule,
        "fingerprint": issue.key,
        "severity": "info" if issue.accepted is not None else _SEVERITIES[issue.severity],
        "location": {
            "path": _relative(place.file) if place is not None else "log",
            "lines": {"begin": (place.line if place is not None else None) or 1},
        },
    }


def _relative(name: str) -> str:
    """A path as GitLab takes it: relative, without `./` and without a way out."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "log"
