r"""Secrets that are known by their key: `"password":"x"`, `token=x`, `Cookie: sid=x`, in JSON at any depth of escaping.

A key counts where it *ends* with one of the words, so `dbPassword` and `x-api-key` do and `tokenCount` does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from floodscan.redact.quotes import OPEN_QUOTE, closing_quote
from floodscan.redact.tag import PERSON, SESSION, tag
from floodscan.redact.whole import LIKE, MASK, WHOLE, WHOLE_NEEDLES, is_ordinary, whole_kind
from floodscan.regex import regex
from floodscan.safe import CLOSE, OPEN, TAG

# Plain words, so that the search skips most of the text; `key` counts only after one of _KEYS.
_WORD = regex(
    rf"{OPEN}|authorization|cookies?|passw(?:or)?d(?:[-_]?hash)?|passphrase|pwd|secret|token|credentials?|key|-signature"
    rf"|pass(?:[-_]?hash)?(?![a-z0-9])|{WHOLE}"
)
_KEYS = tuple(
    word + joint
    for word in (
        "api access account anon auth encryption license master private role secret service shared signing supabase".split()
    )
    for joint in ("", "-", "_", ".", " ")
)
NEEDLES = ("authorization", "cookie", "pass", "pwd", "secret", "token", "credential", "key", "-signature", *WHOLE_NEEDLES)
"""One of these stands in the lower case of every text that holds such a key."""

_COLOUR = r"(?:(?:\x1b|\\{1,8}(?:u001b|x1b))\[[\d;]{0,12}m)?"
# Before the quote may stand the colour that Node's console gives a string, and a letter of Python's literals.
_AFTER = regex(
    rf"(?P<close>(?:\\*[\"'`]\]?|(?:%5[cC])*%2[27]|&(?:quot|#3[49]);|%26quot%3[Bb])?)"
    r"(?P<sep>\s{0,3}(?::=|=>|[:=,])\s{0,3}|(?:%20|\+|\s){0,3}(?:%3[aA])?%3[adAD](?:%20|\+|\s){0,3})"
    rf"(?:{_COLOUR}(?:[bBuUrR]{{1,2}}(?=[\"']|%2[27]))?(?P<open>{OPEN_QUOTE}|\[))?",
    re.ASCII,
)
_BRACKETS = "\"'])"
_ITEM = regex(r"[\s,]*(?P<open>\\*[\"'`])")
# A bare value ends at blanks, quotes, separators of queries, cookies and connection strings, an escaped newline or
# quote; at a comma or bracket only where the text goes on as a list does, for a password may hold either.
_BARE_CHAR = (
    rf"[^\s\"'`&;<>\\,)}}\]%{OPEN}{CLOSE}]"
    rf"|\\(?![nrt\"'\\])|%(?!26|22|27|20|3[bB])|{MASK}"
    r"|[,)}\]](?![\s\"',;)}\]]|$|[\w.-]{1,32}[=:])"
)
BARE = rf"(?:{_BARE_CHAR})"
_BARE = regex(rf"(?![{{\[(])(?:{_BARE_CHAR})+")
# After a plain `=` in a query the text is encoded once, so each `%20` is the value's own.
_BARE_IN_QUERY = regex(rf"(?![{{\[(])(?:%[0-9A-Fa-f]{{2}}|{_BARE_CHAR})+")
_LINE = regex(r"(?:[^\r\n\"\\]|\\(?![nr\"]))*")
_URL_PART = regex(r"(?:[^\s\"'`<>&%]|%(?!0[AaDd]|26|22))+")
_LINE_ENDS = regex(r"[^\S\n]*(?:[\r\n,}]|\\[nr]|$)")
_SCHEME = regex(r"(?:bearer|basic|digest|token|apikey|negotiate|aws4-hmac-sha256|ntlm)(?:\s|%20|\+){1,4}", re.I)

_WITH_PARAMETERS = ("digest", "aws4")
"""Schemes whose credentials are a list: they reach to the end of the line."""

_KINDS = (
    ("authorization", "authorization"),
    ("cookie", "cookie"),
    ("pass", "password"),
    ("pwd", "password"),
    ("token", "token"),
    ("key", "api-key"),
)
_HARMLESS = frozenset(
    "null none nil undefined true false yes no empty missing invalid required expired redacted hidden filtered masked "
    "unset absent present provided string".split()
)
# Stars, `[Redacted]`, `<none>`; and the version of a package called like a key (`"jsonwebtoken": "^9.0.2"`).
_PLACEHOLDER = regex(r"[*•x.]+|[~^]?\d+(?:\.\d+){2}|[\[<(][\w .-]{0,40}[\])>]", re.IGNORECASE)
# What a manual puts where the reader's own key goes: `your-api-key-here`, `My API Key`, `<YOUR_TOKEN>`, `${TOKEN}`.
_NOUNS = (
    "api access account anon app auth bot client database db jwt key openai password private project role secret "
    "service supabase the token user username value id is url this with goes to in a"
).split()
_TELLING = "your here placeholder example sample dummy enter insert paste replace changeit changeme change todo".split()
_WORDS = "|".join(sorted([*_NOUNS, *_TELLING, "me", "my"], key=len, reverse=True))
_FILLER = regex(rf"(?:(?:{_WORDS})[-_ .]?){{1,10}}")
_MY_KEY = regex(r"my[-_ ]?(?:api|access|secret|auth|service|openai)[-_ ]?(?:key|token)")
_IS_TELLING = regex("|".join(_TELLING))
_VARIABLE = regex(r"\$?\{{1,2}[\w .:-]{1,60}\}{0,2}|\$[A-Z_]{2,60}|%[sdv]|process\.env\.\w{1,60}")
_FILLER_LENGTH = 60
_ENDS_IN_WORD = regex(r"(?<!%)(?<!%[0-9a-f])[^\W_]\Z")
_LETTER = regex(r"(?<!\\)\w")
# Words that end like a name for a password.
_NO_PASSWORD = regex(r"(?:by|com|tres|sur|over|under|im|tow|multi|sub|render|low|high|band|first|single)-?\Z")
_COUNT = regex(r"\d{1,9}(?![^\s,;)}\]])")
_SHORTEST = 3
_SHORTEST_IN_PROSE = 6
"""Characters. After `token: ` stands as often a word of a sentence as a token; a token is longer, and has a digit."""


def replace_keyed(text: str) -> str:
    """A tag in place of the value of each key that names a secret; a value that is a tag already stays."""
    out: list[str] = []
    done = 0
    for start, end, kind in _values(text):
        if end - start < _SHORTEST:
            continue
        out += (text[done:start], _hidden(text[start:end], kind))
        done = end
    return "".join(out) + text[done:]


def replace_value(key: str, value: str) -> str:
    """A tag in place of the value if its key names a secret."""
    kind = kind_of(key)
    return value if kind is None else _hidden(value, kind)


def kind_of(key: str) -> str | None:
    """The kind of secret that a key alone names: password, token; None where it names none."""
    word = _key_of(key)
    return None if word is None else _kind(word)


def _key_of(text: str) -> str | None:
    """The word that makes the text, a key alone, the name of a secret."""
    lower = _lower(text).rstrip(_BRACKETS)
    return next((word for start, end, word in _words(lower) if end == len(lower)), None)


def _lower(text: str) -> str:
    """The lower case, of the same length: U+0130 alone has a longer one."""
    return text.replace("\u0130", "i").lower()


def _words(lower: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, word) of each word that may end a key, and of each tag's start."""
    for match in _WORD.finditer(lower):
        start, word = match.start(), match[0]
        if word == "key" and not lower.endswith(_KEYS, 0, start):
            continue
        if whole_kind(word) is not None and not _begins(lower, start):
            continue
        if word != "pass" or _begins(lower, start) or not _NO_PASSWORD.search(lower, max(start - 7, 0), start):
            yield start, match.end(), word


def _begins(lower: str, start: int) -> bool:
    """Whether a word begins here: in plain text, after `%22`, after an escaped newline."""
    return not lower[start - 1 : start].isalnum() or not _ENDS_IN_WORD.search(lower, max(start - 3, 0), start)


def _values(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each value, in order; each scan goes on where the one before it ended."""
    position, lower = 0, _lower(text)
    for word_start, word_end, word in _words(lower):
        if word_start < position:
            continue
        if word == OPEN:  # passed over: a tag's kind may be called like a key
            tagged = TAG.match(text, word_start)
            position = tagged.end() if tagged else position
            continue
        match = _AFTER.match(text, word_end)
        if match is None or (word == "pwd" and _is_directory(text, lower, word_start, match.end())):
            continue
        kind, opened, position = _kind(word), match["open"], match.end()
        if word == "pass" and not _is_password(text, lower, word_start, match):
            continue
        if "," in match["sep"]:
            # Node's rawHeaders is a list of name, value, name, value; other lists are of names.
            pair = match["close"] and opened and kind in ("authorization", "cookie")
            if not pair or _WORD.match(lower, position):
                continue
        if opened == "[":
            while (item := _ITEM.match(text, position)) is not None:
                end, position = closing_quote(text, item.end(), item["open"])
                yield item.end(), end, kind
        elif opened:
            start = position
            end, position = closing_quote(text, start, opened)
            yield start, end, kind
        else:
            end = _bare_end(text, match, kind)
            yield position, end, kind
            position = end


def _is_directory(text: str, lower: str, start: int, at: int) -> bool:
    """Whether it is the shell's `PWD=/app` or `OLDPWD=/app`; `DB_PWD=/x` is a password."""
    own = _begins(lower, start) and not lower.endswith(("_", "-"), 0, start)
    return text.startswith("/", at) and (own or lower.endswith("old", 0, start))


def _is_password(text: str, lower: str, start: int, match: re.Match[str]) -> bool:
    """`pass: 3` is a count of tests; `DB_PASS=x`, `dbPass: 'x'` and `"oldpass":"x"` are passwords."""
    camel = text.startswith("Pass", start) and lower[start - 1 : start] == text[start - 1 : start]
    if _begins(lower, start):
        return bool(match["open"]) or lower.endswith("_", 0, start)
    if match["open"]:
        return camel or bool(match["close"])
    return camel and "=" in match["sep"] and not _COUNT.match(text, match.end())


@lru_cache(maxsize=64)
def _kind(word: str) -> str:
    whole = whole_kind(word)
    return whole if whole is not None else next((kind for part, kind in _KINDS if part in word), "secret")


def _bare_end(text: str, match: re.Match[str], kind: str) -> int:
    """Where the value without quotes ends; its start where nothing there looks like a secret."""
    start = match.end()
    bare = (_BARE_IN_QUERY if match["sep"] == "=" else _BARE).match(text, start)
    if bare is None:
        return start
    if match["close"] or match["sep"].lower() in ("=", "=>", "%3d"):
        return bare.end()
    if kind == "cookie":
        if "%3d" in bare[0].lower():
            return _in_a_url(text, start)
        return _line_end(text, start) if "=" in bare[0] else start
    scheme = _SCHEME.match(text, start) if kind == "authorization" else None
    if scheme is not None:
        many = scheme[0].lower().startswith(_WITH_PARAMETERS)
        return _line_end(text, start) if many else _word_end(text, scheme.end())
    value = bare[0].rstrip(".:")
    if kind == "otp":
        return start + len(value)
    telling = len(value) >= _SHORTEST_IN_PROSE and any(map(str.isdigit, value))
    alone = kind in ("password", "api-key", "authorization") and _LINE_ENDS.match(text, bare.end()) is not None
    return start + len(value) if telling or alone else start


def _line_end(text: str, start: int) -> int:
    line = _LINE.match(text, start)
    return line.end() if line else start


def _in_a_url(text: str, start: int) -> int:
    """The end of a line in a part of a URL, where its blanks and semicolons are encoded."""
    part = _URL_PART.match(text, start)
    return part.end() if part else start


def _word_end(text: str, start: int) -> int:
    """The end of a bare value or of the tag that has taken its place."""
    match = TAG.match(text, start) or _BARE.match(text, start)
    return match.end() if match else start


def _hidden(value: str, kind: str) -> str:
    scheme = _SCHEME.match(value) if kind == "authorization" else None
    said = value[: scheme.end()] if scheme else ""
    secret = value[len(said) :]
    bare = secret.strip()
    if len(bare) < _SHORTEST or is_placeholder(bare) or is_ordinary(kind, bare):
        return value
    if bare.startswith(OPEN) and not _LETTER.search(TAG.sub("", bare)):
        return value  # a secret known by its form, perhaps with an escaped newline after it
    return said + tag(PERSON + kind if kind == SESSION else kind.removeprefix(LIKE), secret)


def is_placeholder(bare: str) -> bool:
    """Whether it stands where a secret should: stars, `<TOKEN>`, `$TOKEN`, `null`, words that ask for one."""
    return bare.lower() in _HARMLESS or bool(_PLACEHOLDER.fullmatch(bare)) or _is_filler(bare)


def _is_filler(bare: str) -> bool:
    """Whether it stands where a secret should: a variable, or words that ask for one."""
    if len(bare) > _FILLER_LENGTH:
        return False
    words = bare.lower().strip("<>[]{}()")
    telling = _IS_TELLING.search(words) and _FILLER.fullmatch(words)
    return bool(telling or _MY_KEY.fullmatch(words) or _VARIABLE.fullmatch(bare))
