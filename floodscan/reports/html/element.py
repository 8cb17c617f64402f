"""Elements of a page: whatever is not markup of ours is escaped, so that no text of a log can become any."""

from __future__ import annotations

import re
from html import escape

from floodscan.redact import clip
from floodscan.regex import regex
from floodscan.safe import safe

LONGEST = 1000
"""Characters of one text: the JSON report has the rest."""

_QUOTED = regex(r"(?<!`)`([^`\s](?:[^`\n]{0,1000}[^`\s])?)`(?!`)")
_NAME = regex(r"[a-zA-Z][a-zA-Z0-9-]*")
_VOID = frozenset(("br", "input", "link", "meta"))

Value = str | int | float | bool | None


class Html(str):
    """Markup: escaped text, and elements that were made of it here."""

    __slots__ = ()


def text(value: str, limit: int = LONGEST) -> Html:
    """A text of the log, or words of ours, as nothing but text. Newlines stay: only `<pre>` shows them."""
    return Html(escape(safe(clip(value, limit), multiline=True)))


def el(name: str, /, *children: str | None, **attributes: Value) -> Html:
    """An element. Children that are no `Html` are text; `class_` and `aria_label` stand for `class` and `aria-label`.

    An attribute that is None or False is left out, True stands without a value. Raises ValueError for a bad name.
    """
    opening = name
    for key, value in attributes.items():
        key = key.strip("_").replace("_", "-")
        if not _NAME.fullmatch(key):
            raise ValueError(f"no name of an attribute: {key!r}")
        if value is True:
            opening += f" {key}"
        elif value is not None and value is not False:
            opening += f' {key}="{escape(safe(value)) if isinstance(value, str) else value}"'
    if name in _VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{join(*children)}</{name}>")


def join(*parts: str | None) -> Html:
    """The parts one after the other; those that are no `Html` are text, None is nothing."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts if part is not None))


def code(value: str, limit: int = LONGEST) -> Html:
    return Html(f"<code>{text(value, limit)}</code>")


def prose(value: str) -> Html:
    """A sentence in which what stands between backticks is code."""
    parts = _QUOTED.split(clip(value, LONGEST))
    return join(*(code(part) if i % 2 else part for i, part in enumerate(parts)))


def identity(value: str) -> str:
    """What may stand in an `id` and a `#` link: the report's own ids (`F1`, `L1`), harmless if somebody altered them."""
    return re.sub(r"[^A-Za-z0-9-]", "_", value)[:40]
