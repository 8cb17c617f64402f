"""A page of the terminal report: the one place where text becomes lines, wrapped, coloured and harmless.

Rich measures and colours; it is given `Text` objects only, so nothing in a log is ever markup, an emoji or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, cast

from rich.text import Text

from floodscan.durations import duration
from floodscan.reports.words import number
from floodscan.safe import safe, without_commands
from floodscan.value import frozen

if TYPE_CHECKING:
    from rich.console import Console

_NARROWEST = 40
_LONGEST = 1000
"""Characters of one text: the JSON report has the rest."""
_UNUSED = cast("Console", None)
"""`Text.wrap` asks for the console only to align what is not aligned to the left."""
_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " .:-=+*#@"
_ASCII = str.maketrans(
    {"┌": "+", "│": "|", "└": "+", "─": "-", "▶": ">", "✗": "!", "·": "-", "×": "x", "…": "...", "≥": ">=", "≈": "~"}
)
_STYLES = {
    "verdict.storm": "bold red",
    "verdict.flood": "bold red",
    "verdict.faults": "bold yellow",
    "verdict.noise": "bold cyan",
    "verdict.quiet": "bold green",
    "verdict.unknown": "bold yellow",
    "status.storm": "bold red",
    "status.loop": "bold yellow",
    "status.backoff": "bold cyan",
    "severity.critical": "bold red",
    "severity.high": "bold red",
    "severity.medium": "bold yellow",
    "severity.low": "bold",
    "severity.info": "bold",
    "failure": "red",
    "warn": "yellow",
    "heading": "bold underline",
    "label": "cyan",
}


@frozen
class Row:
    """A line of a list: a label, what it is, and what stands beside it."""

    label: str
    body: str
    aside: str
    style: str = ""


class Page:
    """Gathers lines. State: what was written so far."""

    def __init__(self, *, width: int, colour: bool, ascii_only: bool) -> None:
        self.width = max(width, _NARROWEST)
        self._ascii = ascii_only
        self._colour = colour
        self._lines: list[Text] = []

    def text(self) -> str:
        """The whole page, with a newline at its end."""
        page = _coloured(self._lines, self.width) if self._colour else "".join(f"{line.plain}\n" for line in self._lines)
        return without_commands("\n".join(line.rstrip(" ") for line in page.split("\n")))

    def blank(self) -> None:
        self._lines.append(Text())

    def heading(self, title: str) -> None:
        self.blank()
        self.hang("", title, style="heading")

    def more(self, count: int, what: str) -> None:
        """`+3 more loops (see --format json)`, where there are more."""
        if count > 0:
            self.hang("   ", f"+{count} more {what} (see --format json)", style="dim")

    def hang(self, label: str, body: str, *, label_style: str = "", style: str = "", aside: str = "") -> None:
        """A label, and beside it the body, wrapped so that it never runs under the label; nothing without a body."""
        if not body:
            return
        first = self._text(label, label_style)
        text = self._text(body, style)
        if aside:
            text.append_text(self._text(f"  {aside}", "dim"))
        indent = first.cell_len
        room = max(1, self.width - indent)
        for line in [text] if text.cell_len <= room else text.wrap(_UNUSED, room, overflow="fold"):
            line.rstrip()
            self._lines.append(Text.assemble(first, line))
            first = Text(" " * indent)

    def field(self, label: str, body: str, column: int, *, aside: str = "", indent: int = 4) -> None:
        """A labelled fact under a loop or a finding."""
        self.hang(f"{'':{indent}}{label:<{column}} ", body, label_style="label", aside=aside)

    def rows(self, rows: Sequence[Row]) -> None:
        """One line each, what stands beside the bodies in a column of its own; what is too long is cut."""
        drawn = []
        for row in rows:
            drawn.append((self._text(row.label, "dim"), self._text(row.body, row.style), self._text(row.aside, "dim")))
        for label, body, aside in drawn:
            room = self.width - label.cell_len
            beside = min(max(aside.cell_len for _, _, aside in drawn), room // 2)
            longest = max(body.cell_len for _, body, _ in drawn)
            column = min(longest, room - beside - 2 if beside else room)
            self._cut(body, column if aside.cell_len else room)
            self._cut(aside, room - column - 2)
            gap = " " * (column - body.cell_len + 2) if aside.cell_len else ""
            self._lines.append(Text.assemble(label, body, gap, aside))

    def bars(self, counts: list[int], each_ms: int, column: int) -> None:
        """A timeline, its tallest bar the largest count, and what that count is."""
        top = max(counts, default=0)
        if len(counts) < 2 or not top:
            return
        glyphs = _ASCII_BARS if self._ascii else _BARS
        line = "".join(glyphs[-(-count * (len(glyphs) - 1) // top)] for count in counts)
        peak = self._text(f"  peak {number(top)} in {duration(each_ms)}", "dim")
        self._lines.append(Text.assemble(" " * column, (line, "cyan"), peak))

    def _cut(self, text: Text, width: int) -> None:
        if text.cell_len > width:
            mark = "..." if self._ascii else "…"
            text.truncate(max(0, width - len(mark)))
            text.append(mark)

    def _text(self, text: str, style: str) -> Text:
        harmless: str = safe(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
        if self._ascii:
            harmless = harmless.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
        return Text(harmless, style=_STYLES.get(style, style))


def _coloured(lines: Sequence[Text], width: int) -> str:
    """The lines with SGR sequences."""
    from rich.console import Console  # half of what a page takes to import, which one without colour does not

    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=True,
        color_system="standard",
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    for line in lines:
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return out.getvalue()
