"""Lines that are no text, and JSON that is nested too deep."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from floodscan.read.limits import MAX_DEPTH
from floodscan.regex import regex

_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_SURELY: Final = 0.3
"""Share of control bytes that no text has; logs that separate fields by them (FIX) stay below it."""
_PERHAPS: Final = 0.05
_BROKEN: Final = 0.2
"""Share of undecodable characters that, with some control bytes, makes a line no text in any encoding."""

_STRING: Final = regex(r'"(?>[^"\\]|\\.)*"', re.DOTALL)
_STEP: Final = {"{": 1, "[": 1, "}": -1, "]": -1}
_BRACKET: Final = regex(r"[][{}]")


def is_binary(data: bytes, text: str) -> bool:
    """True where a line, as bytes and as decoded text, is mostly control bytes."""
    count = len(data) - len(data.translate(None, _CONTROL))
    if not count:
        return False
    return count > _SURELY * len(data) or (
        count > _PERHAPS * len(data) and text.count("\ufffd") > _BROKEN * len(text)
    )


def is_deep(text: str, limit: int = MAX_DEPTH) -> bool:
    """True where JSON is nested more than `limit` deep; brackets within strings don't count."""
    if text.count("{") + text.count("[") <= limit:
        return False
    steps = map(_STEP.__getitem__, _BRACKET.findall(_STRING.sub("", text)))
    return max(accumulate(steps), default=0) > limit
