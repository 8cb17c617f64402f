"""The report as one self-contained page: the picture of the incident first, then findings, evidence, remedies, lines.

It loads nothing, asks nobody, and reads without its script, which only searches and sorts. Its policy (a CSP in the
page) allows the one style and the one script by their hashes and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from floodscan.model import Report
from floodscan.reports import words
from floodscan.reports.html.element import Html, el, identity, join, prose
from floodscan.reports.html.findings import findings, limits, questions, remedies
from floodscan.reports.html.loops import loops
from floodscan.reports.html.signatures import signatures
from floodscan.reports.html.timeline import timeline
from floodscan.reports.outline import TOP_FINDINGS, by_id, first_step, steps
from floodscan.safe import without_commands

LARGEST = 900_000
"""Bytes of a page: the table of signatures gets what the rest leaves."""
_TABLE, _LEAST_TABLE = 500_000, 100_000
"""Bytes of that table: at most, for more rows nobody reads; at least, before findings with huge texts are cut."""

_TITLES = {
    "timeline": "When", "loops": "Loops", "findings": "Findings", "remedies": "What to do",
    "questions": "Questions", "limits": "Limits", "signatures": "Signatures",
}  # fmt: skip
"""Sections by their `id`, as the links at the top call them."""


def render(report: Report) -> str:
    """A page in HTML 5, the same on every run, under a megabyte."""
    known = by_id(report)
    sections = {
        "timeline": timeline(report, known), "loops": loops(report, known), "findings": None,
        "remedies": remedies(report), "questions": questions(report), "limits": limits(report), "signatures": None,
    }  # fmt: skip
    room = LARGEST - sum(map(_size, sections.values()))
    for most in (TOP_FINDINGS, TOP_FINDINGS // 2, 1):
        sections["findings"] = findings(report, known, most)
        if _size(sections["findings"]) <= room - _LEAST_TABLE:
            break
    sections["signatures"] = signatures(report, min(_TABLE, room - _size(sections["findings"])))
    return without_commands(_page(report, {id: part for id, part in sections.items() if part is not None}))


def _size(part: Html | None) -> int:
    """Bytes."""
    return len(part.encode()) if part is not None else 0


def _page(report: Report, sections: dict[str, Html]) -> str:
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = el(
        "head", el("meta", charset="utf-8"), Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        el("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name_="color-scheme", content="light dark"), el("meta", name_="referrer", content="no-referrer"),
        el("meta", name_="generator", content=f"{report.tool.name} {report.tool.version}"),
        el("title", f"{words.verdict(report)}: {report.headline}"), Html(f"<style>{style}</style>"),
    )  # fmt: skip
    timeline_first = (sections.get("timeline"), _first(report))
    rest = (part for id, part in sections.items() if id != "timeline")
    skip = el("a", "Skip to the findings", href="#findings", class_="skip") if "findings" in sections else None
    links = [el("a", _TITLES[id], href=f"#{id}") for id in sections]
    nav = el("nav", *links, aria_label="Sections of this report")
    made = f"{report.tool.name} {report.tool.version} read {words.read(report.input)}."
    page = el(
        "body", skip, el("header", *_head(report), nav), el("main", *timeline_first, *rest), el("footer", el("p", made)),
        Html(f"<script>{script}</script>"),
    )  # fmt: skip
    return f"<!DOCTYPE html>\n{el('html', head, page, lang='en')}\n"


def _head(report: Report) -> list[Html]:
    """The verdict, what happened in one sentence, and of which log."""
    source = report.input
    facts = (words.sources(source), words.read(source), words.reach(source), words.clock(source))
    verdict = el("span", words.verdict(report), class_=f"verdict {report.verdict if report.judged else 'unknown'}")
    parts = [
        el("h1", verdict, " ", el("span", prose(report.headline))),
        el("p", " · ".join(fact for fact in facts if fact), class_="meta"),
    ]
    if missing := words.incomplete(report):
        parts.append(el("p", "Incomplete: ", prose(missing), class_="incomplete"))
    return parts


def _first(report: Report) -> Html | None:
    wanted = first_step(report)
    if wanted is None:
        return None
    step, ids = wanted
    more = el("a", "All steps", href="#remedies") if steps(report.findings) else ""
    asked = join(*(join(" ", el("a", id, href=f"#{identity(id)}")) for id in ids))
    return el(
        "p", el("b", "First: "), prose(step), asked, " ", more, class_="first"
    )


@cache
def _asset(name: str) -> str:
    """The style or the script: files of their own beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").strip()


def _hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()
