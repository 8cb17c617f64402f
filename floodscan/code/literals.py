"""The string literals of a file that may have made a message: templates with their fixed parts, joined pieces as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from floodscan.code.languages import LANGUAGES
from floodscan.regex import regex

WORD: Final = regex(r"[^\W\d_]{2,}")
_QUOTES: Final = frozenset("\"'`")
_LONGEST: Final = 2_000
"""Characters of a literal: a longer one is a text, a query or a page."""
_GAP: Final = 120
"""Characters between two pieces of one text."""
_SIGN: Final = r"(?:\+\+?|\.\.?|<<|<>|&)"
_MIDDLE: Final = regex(
    rf"{_SIGN}(?:\s*(?P<value>[\w.$\[\]()!?>:@ '-]{{1,100}}?)\s*{_SIGN})?\s*\\?\s*[fFrRbBuU]{{0,2}}$"
)
_ADJACENT: Final = regex(r"\\?\s*[fFrRbBuU$@]{0,2}$")
_PLACEHOLDER: Final = regex(
    r"\$\{(?:[^{}]++|\{[^{}]*+\})*+\}?"  # JS, PHP, Kotlin, shell; cut off where a template stands within it
    r"|\#\{[^{}]*+\}?"  # Ruby, Elixir
    r"|\\\([^()]*+\)"  # Swift
    r"|\{[^{}\n]{0,80}+\}"  # Python, Rust, C#, SLF4J, Serilog
    r"|%(?:\([\w.]{1,60}\))?[-+#0 ]{0,3}(?:\d{1,4}|\*)?(?:\.(?:\d{1,4}|\*))?l{0,2}[A-Za-z@]"
    r"|\$[A-Za-z_]\w*+(?:->\w++|\[\w++\])?"  # PHP, Perl, Groovy, Kotlin
)
_MAY_HOLD: Final = regex(r"[{%$]|\\\(")
_ESCAPE: Final = regex(r"\\(?:u\{?([0-9A-Fa-f]{4,6})\}?|x([0-9A-Fa-f]{2})|(e|033|0)|([\s\S]))")
_NAMED: Final = {"n": "\n", "r": "\n", "t": "\t"}
_COLOUR: Final = regex("\x1b\\[[0-9;]{0,16}m")


class Literal(NamedTuple):
    """A line of a text in the code."""

    parts: tuple[str, ...]
    """What stands in it for sure, in order, with a value between each two."""
    at: int
    """Offset at which the whole literal begins."""
    below: int
    """Lines from there."""


def literals(text: str, extension: str, words: frozenset[str]) -> Iterator[Literal]:
    """The literals of a file of which each word is one of `words`, in their order. One pass, linear in the text."""
    start = end = -_GAP - 1
    parts: list[str] | None = None
    """Of the text that is being joined; None where there is none, or where one of its words is not among `words`."""
    for match in LANGUAGES[extension].finditer(text):
        opens = match.start()
        if text[opens] not in _QUOTES:
            continue
        literal = match[0]
        promising = _may_fit(literal, words)
        if promising or parts is not None:  # else nothing is lost by not looking
            joint = _joint(text, end, opens) if opens - start <= _LONGEST else None
            if joint is not None:
                if parts is not None and promising:
                    _join(parts, joint, _split(_body(literal)))
                else:
                    parts = None
                end = match.end()
                continue
            if parts is not None:
                yield from _lines(parts, start, words)
        start, end = opens, match.end()
        parts = _split(_body(literal)) if promising else None
    if parts is not None:
        yield from _lines(parts, start, words)


def _may_fit(literal: str, words: frozenset[str]) -> bool:
    """A first look: whether a literal's first word is one of `words`, where that can be told at once."""
    if len(literal) > _LONGEST:
        return False
    first = WORD.search(literal)
    return first is None or first[0] in words or _MAY_HOLD.search(literal) is not None or "\\" in literal


def _join(parts: list[str], value: str, more: list[str]) -> None:
    """Adds the fixed parts of the next piece: with a value between, or straight on."""
    if not value:
        parts[-1] += more.pop(0)
    parts += more


def _joint(text: str, end: int, opens: int) -> str | None:
    """What joins two literals: `""` where nothing stands between their texts, a value's source, None for no joint."""
    if opens - end > _GAP:
        return None
    gap = text[end:opens].strip()
    if not gap:
        return "" if opens > end else None
    if gap[0] in "+.<&":
        middle = _MIDDLE.match(gap)
        return (middle["value"] or "") if middle else None
    return "" if len(gap) <= 3 and _ADJACENT.match(gap) else None


def _body(literal: str) -> str:
    return literal[3:-3] if literal[:3] in ('"""', "'''") else literal[1:-1]


def _split(body: str) -> list[str]:
    """The fixed parts of a body, one more than it has placeholders."""
    return _PLACEHOLDER.split(body) if _MAY_HOLD.search(body) else [body]


def _lines(parts: list[str], at: int, words: frozenset[str]) -> Iterator[Literal]:
    """A literal's lines, each by itself: a record's message is one line."""
    first = next((match[0] for part in parts if (match := WORD.search(part))), None)
    if first is None or (first not in words and not any("\\" in part for part in parts)):
        return
    line, below = [""], 0
    for number, part in enumerate(parts):
        if number:
            line.append("")
        for row, physical in enumerate(part.split("\n")):
            if row:
                yield from _known(line, at, below, words)
                line, below = [""], below + 1
            for piece, told in enumerate(_unescaped(physical).split("\n")):
                if piece:
                    yield from _known(line, at, below, words)
                    line = [""]
                line[-1] += told
    yield from _known(line, at, below, words)


def _known(line: list[str], at: int, below: int, words: frozenset[str]) -> Iterator[Literal]:
    found = [word for part in line for word in WORD.findall(part)]
    if found and words.issuperset(found):
        line[0], line[-1] = line[0].lstrip(), line[-1].rstrip()
        yield Literal(tuple(part for part in line if part), at, below)


def _unescaped(part: str) -> str:
    return _COLOUR.sub("", _ESCAPE.sub(_character, part)) if "\\" in part else part


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return "\x1b" if match[3] else _NAMED.get(match[4], match[4])
