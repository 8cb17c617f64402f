"""The formats of the report: each a function `render(report, **options)` to text or bytes, in a file of its own.

A renderer opens no file and knows nothing of the shell. A further format is a file here and a line in `_MODULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from floodscan.model import Report

Renderer = Callable[..., bytes]
"""A report, and the options of its format as keywords, to a page in UTF-8."""

TERMINAL = "terminal"
"""The format where none is asked for."""

_MODULES = {
    TERMINAL: "terminal",
    "json": "json_report",
    "markdown": "markdown",
    "html": "html",
    "github": "github",
    "gitlab": "gitlab",
    "sarif": "sarif",
    "junit": "junit",
}


def _renderer(module: str) -> Renderer:
    def render(report: Report, **options: object) -> bytes:
        """Imports the format when it is first asked for: a run pays for one."""
        page: str | bytes = import_module(f"{__name__}.{module}").render(report, **options)
        return page.encode() if isinstance(page, str) else page

    return render


RENDERERS: dict[str, Renderer] = {name: _renderer(module) for name, module in _MODULES.items()}
"""By the name that `--format` takes. The terminal format has the options `width`, `colour` and `ascii_only`, those of
LOCATED have `files`."""

LOCATED = frozenset(("github", "gitlab", "sarif"))
"""Formats that point to files of the repository: they are told which of a report's names are such files."""
