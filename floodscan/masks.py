"""The ordered table of masks: what in a message is a value, and the name that stands for it.

First comes what must not be shown, then what may hold other values inside it (URLs, paths, addresses), then plain
values. Every pattern is linear in the text: repeats are possessive or bounded, and a lookbehind keeps a run of
characters from being tried again at each of its positions. A later mask sees the names that earlier ones left
(`<url>`), never their values.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from floodscan.digit_words import mask_digit_words
from floodscan.quoted_words import mask_quoted
from floodscan.regex import regex
from floodscan.value import frozen

Replacement = str | Callable[[re.Match[str]], str]


@frozen
class Mask:
    """One row of the table."""

    needs: tuple[str, ...]
    """Lower-case substrings, without all of which the pattern cannot match: a cheap reason to skip it."""
    pattern: re.Pattern[str]
    replacement: Replacement


def _row(needs: str, replacement: Replacement, pattern: str, *, any_case: bool = False) -> Mask:
    return Mask(tuple(needs.split("|")), regex(pattern, re.IGNORECASE if any_case else 0), replacement)


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[AaPp][Mm]\b)?"
_OFFSET = r"(?: ?(?:Z|UTC|GMT)\b| ?[+-]\d\d:?\d\d\b)"
_URL_CHAR = r"[^\s\"'`<>()\[\]{}|\\^,;]"
_PATH_CHAR = r"[^\s\"'`<>()\[\]{}|,;]"
_SECRET_KEY = (
    r"(?:passwords?|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|authorization|cookie|credentials?)"
)
_SECRET_KEYS = "passw|passphrase|pwd|secret|token|key|authorization|cookie|credential"
_SECRET = r"[^\s,;&\"'(){}\[\]<>]"
_LABEL = r"[a-z0-9][a-z0-9_-]*+\."

_OUTCOME_KEY = regex(
    r"(?:success|successful|ok|healthy|connected|ready|alive|valid|authenticated|authorized)$", re.IGNORECASE
)
_SOURCE_FILES = frozenset(
    "js ts jsx tsx mjs cjs py go rb rs c h cc cpp cs kt java php scala swift vue json yml yaml".split()
)
_IP6_GROUPS = 8


def _boolean(match: re.Match[str]) -> str:
    """A setting's value is masked; an outcome (`success: false`) is what the message says."""
    return match[0] if _OUTCOME_KEY.search(match[1]) else f"{match[1]}{match[2]}<bool>"


def _long_token(match: re.Match[str]) -> str:
    """A long run of digits and both cases is a key, a hash or base64: no name in a program looks so."""
    run = match[0]
    mixed = any(map(str.isdigit, run)) and any(map(str.islower, run)) and any(map(str.isupper, run))
    return "<token>" if mixed else run


def _short_ip6(match: re.Match[str]) -> str:
    """RFC 4291: `::` stands for a run of zero groups. Without a digit it is a C++ or Ruby scope."""
    run = match[0]
    return "<ip>" if "::" in run and any(map(str.isdigit, run)) else run


def _hex_groups(match: re.Match[str]) -> str:
    return "<ip>" if match[0].count(":") == _IP6_GROUPS - 1 and len(match[0]) > 3 * _IP6_GROUPS else "<hex>"


def _host_port(match: re.Match[str]) -> str:
    """`db.example:5432` is an address; `server.ts:108` is a place in the code and keeps its name."""
    return match[0] if match[1].rpartition(".")[2] in _SOURCE_FILES else "<host>"


MASKS: tuple[Mask, ...] = (
    # Secrets.
    _row("eyj", "<jwt>", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){1,4}"),
    _row("://", "<url>", rf"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]*+://{_URL_CHAR}*{_URL_CHAR}(?<![.:!?])"),
    _row(
        "bearer |basic ",
        r"\1 <token>",
        r"\b(bearer|basic) ++(?=[a-z_~+/.=-]{0,256}\d)[\w.~+/=-]{8,}+",
        any_case=True,
    ),
    _row(
        _SECRET_KEYS,
        r"\1<token>",
        rf"({_SECRET_KEY} ?= ?[\"']?(?!(?:undefined|null|none|nil|missing|empty)\b)"
        rf"|{_SECRET_KEY}[\"']?: ?[\"']?(?={_SECRET}{{0,64}}?\d)){_SECRET}++",
        any_case=True,
    ),
    _row("@", "<email>", r"(?<![\w.%+-])[\w.%+-]++@[A-Za-z0-9-]++(?:\.[A-Za-z][A-Za-z0-9-]*+)++"),
    # Places, times, addresses.
    _row("\\", "<path>", r"(?:(?<![A-Za-z])[A-Za-z]:\\|(?<!\\)\\\\(?=[\w.$-]++\\))[^\s\"'`<>|*?,;()]*+"),
    _row(
        "::",
        _short_ip6,
        r"(?<![\w:.])\[?(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{3,60}+(?:(?:\.\d{1,3}){3}(?::\d{1,5})?)?"
        r"(?:\](?::\d{1,5})?)?(?![\w:])",
    ),
    _row(":", _hex_groups, r"(?<![\w:])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{2,4}){5,31}(?![\w:])"),
    _row(".", "<ip>", r"(?<![\w.-])/?(?<![\w.]/)\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?::\d{1,5})?(?![\w-]|\.\w)"),
    _row("/<ip>", "<ip>", r"(?<![\w./-])(?=\w*+[.\d-])[\w.-]++/<ip>"),  # Java prints an address as host/ip:port
    _row(
        "/",
        "<path>",
        rf"(?<![\w/>.~\\)-])(?:~|\.{{1,2}}(?:/\.\.)*+)?/(?=[\w.@%~$#*:-]){_PATH_CHAR}+(?<![.:!?])"
        r"|(?<![^\s=:\"'`(\[])/(?=$|[\s\"'`)\]])",
    ),
    _row(
        "-|/",
        "<time>",
        rf"(?<![\d.])\d{{4}}[-/]\d\d[-/]\d\d(?:[T_ ] ?\d\d:\d\d(?::\d\d(?:[.,]\d{{1,9}})?)?{_OFFSET}?)?(?!\d)"
        rf"|(?<!\d)\d\d/{_MONTH}/\d{{4}}:\d\d:\d\d:\d\d(?: [+-]\d{{4}})?"
        rf"|(?<![\w/.])\d{{1,2}}/\d{{1,2}}/\d{{4}}(?:,? {_CLOCK})?(?![\w/])",
    ),
    _row(
        "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
        "<time>",
        rf"\b(?:{_WEEKDAY},? +)?(?:{_MONTH} +\d{{1,2}},?|\d{{1,2}} {_MONTH})(?: +\d{{4}},?)? +{_CLOCK}"
        r"(?: +[A-Z]{3,4}\b)?(?:[+-]\d{4}| +\d{4}\b)?",
    ),
    _row(":", "<time>", rf"(?<![\w:.]){_CLOCK}(?![\w:]|\.\d)"),
    _row(
        "/",
        "<path>",
        r"(?<![\w./@:-])[\w@][\w.@-]*+(?:(?:/[\w.@:%+-]++){2,}+"
        r"|/[\w@-]++(?:\.[\w-]++)*+(?<=[\w-]\.[A-Za-z][a-z])[a-z]{0,3}\b)",
    ),
    # Plain values.
    _row(
        "-",
        "<uuid>",
        r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])",
    ),
    _row(":", _host_port, r"(?<![\w.@-])(localhost|(?=\w*+[.-])[A-Za-z][\w.-]*+):\d{2,5}(?![\w:])"),
    _row(
        ".",
        "<host>",
        rf"(?<![\w.@/-])(?!(?:com|org|net|io|edu|java|javax|sun)\.)(?:(?:{_LABEL})+"
        rf"(?:com|net|org|edu|gov|mil|local|localdomain|internal|lan)|(?:{_LABEL}){{2,}}"
        r"(?:io|dev|app|cloud|info|biz|de|uk|fr|nl|pl|ru|cn|jp|br|it|es|au|eu|ch|se|in|kr|tw))(?![\w(-]|\.\w)",
    ),
    _row("", _long_token, r"(?<![\w+/=-])[A-Za-z0-9+/_-]{24,}+={0,2}"),
    _row(",", "<num>", r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])"),
    _row("true|false", _boolean, r"(\b\w++)([\"']?[=:] ?[\"']?)(?:true|false)\b", any_case=True),
)

_REQUEST_LINE = regex(r"\"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^\s\"]++ HTTP/[\d.]{1,3}\"")
_QUOTED = regex(r"\"[^\"]++\"")
_LEADERS = regex(r"(?<=\w)\.{2,}+(?=\d)|(?<=\w)\.{3,}+(?=\w)")
_UNIT = regex(r"<num> (?:[KMGTP]i?B|[kmg]b|B|ms|us|µs|ns|s|sec|min|m|h)(?![\w/])")


def mask(line: str) -> str:
    """One line with each value replaced by its name. Linear in the line; raises nothing."""
    text, lower = line, line.lower()
    for row in MASKS:
        for needed in row.needs:
            if needed in lower:
                masked = row.pattern.sub(row.replacement, text)
                if masked != text:
                    text, lower = masked, masked.lower()
                break
    text = mask_quoted(text)
    if ".." in text:  # "enabled.....1": leaders end the word, else word and value would be one
        text = _LEADERS.sub("... ", text)
    # Beside its request line an access log has fields, no words: the status is `Record.status`, the rest names clients.
    request = _REQUEST_LINE.search(text) if "HTTP/" in text else None
    if request:
        text = text[: request.end()] + _QUOTED.sub('"<str>"', text[request.end() :])
    text = mask_digit_words(text, keep_status=request is None)
    if "<num> " in text:
        text = _UNIT.sub("<num>", text)
    return " ".join(text.split())
