"""All signatures as a table: it reads without a script, and can be searched and sorted with it."""

from __future__ import annotations

from floodscan.model import Report, ReportSignature
from floodscan.reports import words
from floodscan.reports.html.element import Html, code, el, join, text
from floodscan.reports.html.timeline import look

_TEXT = 240
"""Characters of a signature."""
_COLUMNS = (("Lines", "n"), ("Signature", "t"), ("Share", "n"), ("First", "n"), ("Last", "n"), ("Where", "t"))
"""Heading, and what it is sorted as: number or text."""


def signatures(report: Report, room: int) -> Html | None:
    """The section; of very many signatures, those that fit in `room` bytes: failures and what has a role before others."""
    if not report.signatures:
        return None
    kept: dict[str, Html] = {}
    for signature in sorted(report.signatures, key=lambda s: (s.role is None, not s.failure)):
        row = _row(report, signature)
        room -= len(row.encode())
        if room < 0:
            break
        kept[signature.id] = row
    rows = [kept[signature.id] for signature in report.signatures if signature.id in kept]
    left = len(report.signatures) - len(rows)
    shown = f"{words.number(len(rows))} of {words.number(len(report.signatures))}" if left else words.number(len(rows))
    head = el("tr", *(el("th", title, scope="col", data_as=kind) for title, kind in _COLUMNS))
    caption = el("caption", f"{shown} signatures, the most frequent first")
    table = el("table", caption, el("thead", head), el("tbody", *rows), id="all")
    note = None
    if left:
        lines = sum(s.count for s in report.signatures if s.id not in kept)
        said = f"+{words.number(left)} more signatures ({words.number(lines)} records) are in the JSON report."
        note = el("p", said, class_="more")
    search = el(
        "p", el("label", "Search ", el("input", id="find", type="search", autocomplete="off", spellcheck="false")),
        " ", el("output", id="found", for_="find", aria_live="polite"), id="search", hidden=True,
    )  # fmt: skip
    scroll = el("div", table, class_="scroll", role="region", aria_label="Lines by signature", tabindex=0)
    return el("section", el("h2", "Lines by signature"), search, scroll, note, id="signatures")


def _row(report: Report, signature: ReportSignature) -> Html:
    bound = f"{'≥' if signature.at_least else ''}{'≈' if signature.approx else ''}"
    role = words.ROLES[signature.role] if signature.role else ""
    error = words.error(signature.error)
    failed = "failure" if signature.failure and not role else ""
    small = " · ".join(part for part in (failed, error, role) if part)
    example = signature.example
    where = f"{example.source}:{example.line}" if example.line else ""
    said = join(code(signature.text, _TEXT), el("small", text(small, _TEXT)) if small else None)
    return el(
        "tr",
        el("td", f"{bound}{words.number(signature.count)}", data_v=signature.count),
        el("td", said, class_=look(signature)),
        el("td", words.percent(signature.share), data_v=signature.share),
        _when(report, signature.first_offset_ms),
        _when(report, signature.last_offset_ms),
        el("td", text(where, _TEXT)),
    )


def _when(report: Report, offset_ms: int | None) -> Html:
    """An instant in the input's own clock; empty where there is none."""
    if offset_ms is None:
        return el("td")
    return el("td", words.moment(report.input, offset_ms), data_v=offset_ms)
