r"""Values bound to an SQL statement, as they are printed beside it: user data, of the kind `params`.

Known tails: Drizzle (`params: a,b`), TypeORM (`-- PARAMETERS: ["a"]`), SQLAlchemy (`[parameters: ('a',)]`, `[generated in
0.1s] ('a',)`), Prisma (`params: '["a"]'`), knex (`bindings: [ 'a' ]`), Django (`; args=('a',)`), PostgreSQL
(`parameters: $1 = 'a'`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from floodscan.redact.quotes import closing_quote
from floodscan.redact.tag import tag
from floodscan.regex import regex

KIND = "params"
NEEDLES = ("params", "parameters", "bindings", "args=", "args%3d", "generated in", "cached since", "raw sql")
"""One of these stands in the lower case of every text that holds such values."""

_BLANK = r"(?:\s|%20|\+)"
_NAME = regex(
    r"(?P<name>params|parameters|bindings|args(?==|%3D))(?P<close>\\{0,8}[\"'`]?)"
    rf"\s{{0,3}}(?P<sep>[:=](?!:)|%3[AD]){_BLANK}{{0,3}}"
    r"|\[(?P<echo>generated in|cached since|raw sql|no key)[^\]\n]{0,40}\]\s",
    re.IGNORECASE,
)
_LOOK_BEHIND = 16
"""Characters."""
_DEPTHS = 8
"""Levels of escaping that are told apart; a text with more is no JSON."""
# Where nothing but the values of a statement is printed so: at a line's start, in a comment, in SQLAlchemy's brackets.
_TAIL = regex(rf"(?:(?:[\r\n]|\\[nr]|%0[aAdD])|--{_BLANK}{{0,3}}|\[|%5[bB])\Z")
_PART_OF_A_NAME = regex(r"(?<!%[0-9A-Fa-f])[\w.$-]\Z")
_SQL = regex(
    r"(?<![a-z_])(?:insert|merge|replace)\W{1,6}(?:20)?into\b|(?<![a-z_])delete\W{1,6}(?:20)?from\b"
    r"|(?<![a-z_])update(?![a-z_])[^;]{1,80}?(?<![a-z_])set(?![a-z_])|failed\W{1,3}(?:20)?query|\[sql\b"
)
_SELECT, _FROM = regex(r"(?<![a-z_])select(?![a-z_])"), regex(r"(?<![a-z_])from(?![a-z_])")
# Strings of JSON and of logfmt (`msg="a" n=1`).
_OPENS = regex(r"(?<!\\)(\\*)\"\s?:\s?\\*\"|\w=(\\*)\"")
_CLOSES = regex(r"(?<!\\)(\\*)\"(?=\s{0,16}(?:[}\]]|,\s{0,16}\\*\"[^\"\\\n]{1,64}\\*\"\s?:|[\w.-]{1,40}=|$))")
_BRACKET_OR_QUOTE = regex(r"(?<!\\)\\*[\"'`]|[\[\](){}]")
_OPENING = ("[", "(", "{")
_QUOTE = regex(r"\\{0,8}[\"'`]")
_IN_URL = regex(r"[^\s\"'`<>&]*")
_LINE_END = regex(r"[\r\n]|\\[nr]")
_FRAMES = regex(r"(?:[\r\n]|\\[nr])[ \t]{0,8}(?:at |\[cause\]|[Cc]aused? ?(?:by|:))")
_NOTHING = regex(r"(?:[\[\](){}*,;\s]|undefined|null|none|nil|redacted|\.\.\.|[\"'`]){0,60}", re.IGNORECASE)


class _Strings:
    """The strings of the JSON or logfmt that the text may be: where each opens and closes, and how deep it is escaped."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._opens = [(match.end(), len(match[1] or match[2] or "")) for match in _OPENS.finditer(text)]
        self._closes = [(match.start(), len(match[1])) for match in _CLOSES.finditer(text)] if self._opens else []
        self._of_depth: dict[int, list[int]] = {}

    def limit(self, name: re.Match[str]) -> int:
        """Where the string that holds the name ends: the text's length where it stands in none."""
        if not self._closes:
            return self._length
        close = name["close"] or ""
        if close.endswith('"'):  # a key: the string it may stand in is escaped less than it is
            depth = (len(close) - 1) // 2 if len(close) > 1 else -1
        else:
            opened = bisect_right(self._opens, (name.start(), self._length))
            depth = self._opens[opened - 1][1] if opened else -1
        if depth < 0:
            return self._length
        if depth not in self._of_depth:
            if len(self._of_depth) == _DEPTHS:
                return self._length
            self._of_depth[depth] = [at for at, slashes in self._closes if slashes <= depth]
        closes = self._of_depth[depth]
        after = bisect_left(closes, name.end())
        return closes[after] if after < len(closes) else self._length


def replace_params(text: str, lower: str) -> str:
    """A tag in place of the values bound to each statement; `lower` is the lower case of the text. Never raises."""
    strings: _Strings | None = None
    sql: bool | None = None
    out: list[str] = []
    done = 0
    for match in _NAME.finditer(text):
        if match.start() < done:
            continue
        before = ("" if match.start() else "\n") + text[max(match.start() - _LOOK_BEHIND, 0) : match.start()]
        tail = _is_tail(text, match, before)
        if sql is None and not tail:
            sql = _speaks_sql(lower)
        if not tail and (not sql or _PART_OF_A_NAME.search(before)):
            continue
        strings = strings or _Strings(text)
        start, end = _values(text, match, tail, strings.limit(match))
        if not _NOTHING.fullmatch(text, start, end):
            out += (text[done:start], tag(KIND, text[start:end]))
            done = end
    return "".join(out) + text[done:]


def _is_tail(text: str, match: re.Match[str], before: str) -> bool:
    """Whether it can only be the tail of a statement, even if the statement itself was printed on a line of its own."""
    if match["echo"] or text.startswith("$1 = ", match.end()):
        return True
    if match["close"] or not _TAIL.search(before):
        return False
    # `parameters: must be an object` is a sentence.
    return match["name"].lower() == "params" or match["sep"][0] == "%" or text.startswith(_OPENING, match.end())


def _speaks_sql(lower: str) -> bool:
    if _SQL.search(lower):
        return True
    select = _SELECT.search(lower)
    return select is not None and _FROM.search(lower, select.end()) is not None


def _values(text: str, match: re.Match[str], tail: bool, limit: int) -> tuple[int, int]:
    """(start, end) of what follows the name: a quoted text, a bracket and what is in it, or the rest of the line."""
    start = match.end()
    if (match["sep"] or "").startswith("%"):
        url = _IN_URL.match(text, start, limit)
        return start, url.end() if url else start
    quote = _QUOTE.match(text, start, limit)
    if quote is not None and not tail:
        return quote.end(), min(closing_quote(text, quote.end(), quote[0])[0], limit)
    if text.startswith(_OPENING, start):
        end = _bracket_end(text, start, limit)
        if not tail or not text.startswith(",", end) or _LINE_END.match(text, end + 1):
            return start, end
    # A value may hold newlines: what Drizzle prints ends where the stack begins.
    ends = _FRAMES if tail and match["echo"] is None else _LINE_END
    following = ends.search(text, start, limit)
    return start, following.start() if following else limit


def _bracket_end(text: str, start: int, limit: int) -> int:
    """After the bracket that closes the one at `start`; `limit` where none does, as in a line that was cut short."""
    depth, position = 0, start
    while (match := _BRACKET_OR_QUOTE.search(text, position, limit)) is not None:
        position = match.end()
        if match[0] in "[({":
            depth += 1
        elif match[0] in "])}":
            depth -= 1
            if not depth:
                return position
        else:
            position = closing_quote(text, position, match[0])[1]
    return limit
