"""One JSON object from one line of a log: strictly and fast, or, where it is damaged, as far as it can be read."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

MAX_DEPTH: Final = 64
"""Deeper nesting is hostile; such a line is no record."""
_MAX_INT_DIGITS = 300


def parse_object(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object that `text` holds, or None. The last of duplicate keys wins, as it does in every logger's reader.

    What strict JSON refuses and loggers write all the same is read too: NaN and Infinity (as null), lone surrogates
    (as U+FFFD), integers of any size, a byte order mark, trailing NULs.
    """
    try:
        obj = orjson.loads(text)
    except orjson.JSONDecodeError:
        obj = _salvage(text)
    if type(obj) is not dict:
        return None
    brackets = text.count(b"{") + text.count(b"[") if isinstance(text, bytes) else text.count("{") + text.count("[")
    return None if brackets > MAX_DEPTH and _deeper_than(obj, MAX_DEPTH) else obj


def _salvage(text: str | bytes) -> object:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    plain = plain.strip("\ufeff\x00 \t\r\n")
    if not plain.startswith("{") or not plain.endswith("}"):
        return None
    try:
        return _clean(json.loads(plain, strict=False, parse_constant=_nothing, parse_int=_integer))
    except (ValueError, RecursionError):
        return None


def _nothing(_name: str) -> None:
    """NaN and the infinities have no value that could be compared."""


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_INT_DIGITS else None


def _clean(value: object) -> object:
    """The same value with lone surrogates replaced, so that it can be encoded again."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {str(_clean(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def _deeper_than(value: object, limit: int) -> bool:
    layer = [value]
    for _ in range(limit):
        layer = [
            inner
            for item in layer
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not layer:
            return False
    return True
