"""Quoted words: masked as `<str>`, unless they name a part of the program or say what happened."""

from __future__ import annotations

import re

from floodscan.regex import regex

_QUOTED = (
    ('"', regex(r'(?<![\w."\\])(")([^"\s\\]{1,256})"(?![\w"])')),
    ("'", regex(r"(?<![\w.'])(')([^'\s]{1,256})'(?![\w'])")),
)

# A word beside one of these nouns is a name in the code ("column 'x'"), not a value of the data.
_CODE_NOUN = regex(
    r"\b(?:reading|setting|calling|property|properties of|columns?|relation|tables?|fields?|functions?|methods?"
    r"|constraint|index|schema|class|parameters?|arguments?|variables?|commands?|options?|headers?|hooks?|plugins?"
    r"|events?|module|package|export|import|into|join|update|keyword|operator|role|database|collection|model|enum"
    r"|missing|expected|unexpected) ?[:=(]? ?$",
    re.IGNORECASE,
)
# The value of one of these keys is one of a few words that say what happened.
_ENUM_KEY = regex(
    r"(?:status|state|phase|reason|err|error|type|kind|code|level|result|action|event|method|op|operation|msg|message)"
    r"[\"']?[=:] ?$",
    re.IGNORECASE,
)
_CONTEXT = 24
"""Characters before a quoted word in which its key or noun is looked for: the longest of them, and a separator."""


def mask_quoted(text: str) -> str:
    """`user "bob"` becomes `user "<str>"`; `column "price"`, `reason="Evicted"` and JSON keys stay.

    A quoted sentence (anything with a blank in it) is prose, and what stands in backticks is code: both stay.
    """
    for quote, pattern in _QUOTED:
        if quote in text:
            text = pattern.sub(_replace, text)
    return text


def _replace(match: re.Match[str]) -> str:
    return match[0] if _stays(match[2], match) else f"{match[1]}<str>{match[1]}"


def _stays(word: str, match: re.Match[str]) -> bool:
    if word[0] == "<" and word[-1] == ">":  # masked already
        return True
    text, end = match.string, match.end()
    if text.startswith('."', end):  # a quoted name in SQL: "public"."users"
        return True
    before = text[max(0, match.start() - _CONTEXT) : match.start()]
    is_name = word.replace("-", "_").isidentifier()
    if is_name and text.startswith(":", end) and before.rstrip()[-1:] in ("", "{", ","):  # a key in JSON
        return True
    if is_name and word.isupper():  # a constant
        return True
    if _ENUM_KEY.search(before) is not None:  # digits in it are masked later, unless they are a code
        return True
    return not any(map(str.isdigit, word)) and _CODE_NOUN.search(before) is not None
