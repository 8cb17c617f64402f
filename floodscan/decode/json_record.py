"""One line of JSON to one `Record`: parse, choose the family by its deciding keys, and put the parts together."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from floodscan.decode import otel
from floodscan.decode.details import details_of
from floodscan.decode.errors import ERROR_KEYS, error_in_message, error_of
from floodscan.decode.ids import ids_of
from floodscan.decode.json_text import parse_object
from floodscan.decode.parts import Family, Parts, status_in_text, status_of
from floodscan.decode.times import Instant, parse_time
from floodscan.model import ErrorInfo, Record

_MAX_FALLBACK = 200
"""Characters of the text that stands in for a missing message."""
PLUMBING: Final = ERROR_KEYS | frozenset(
    "level time timestamp ts pid hostname v name severity @timestamp stack req res responseTime reqId".split()
)


def decode_json(text: str | bytes, *, utc_offset_ms: int = 0) -> Record | None:
    """The record that a line of JSON is (of an OTLP batch the first), or None where it is no JSON object.

    `utc_offset_ms` is the zone of times that name none. Line numbers, offsets and sizes are left to the framing.
    """
    obj = parse_object(text)
    if obj is None:
        return None
    return decode_object(obj, _as_text(text), utc_offset_ms=utc_offset_ms)


def decode_json_many(text: str | bytes, *, utc_offset_ms: int = 0) -> list[Record]:
    """All records of a line: those of an OTLP batch in their order, one of any other JSON object, none otherwise."""
    obj = parse_object(text)
    if obj is None:
        return []
    batch = otel.records_in(obj)
    if batch is None:
        return [decode_object(obj, _as_text(text), utc_offset_ms=utc_offset_ms)]
    return [decode_object(inner, _as_text(text), utc_offset_ms=utc_offset_ms) for inner in batch]


def glance_json(text: str, *, utc_offset_ms: int = 0) -> tuple[str, Instant | None] | None:
    """Family and time of the first record of a line: what `decode_json_many` would say of it, for a third of the work."""
    obj = parse_object(text)
    batch = None if obj is None else otel.records_in(obj)
    if batch is not None:
        obj = batch[0] if batch else None
    if obj is None:
        return None
    family, parts = _told(obj)
    return family, None if parts.time is None else parse_time(parts.time, utc_offset_ms=utc_offset_ms)


def _told(obj: Mapping[str, Any]) -> tuple[str, Parts]:
    """The family that an object is of, and what it says by that family's keys."""
    for family in families():
        if family.matches(obj):
            break
    return family.name, family.decode(obj)


def decode_object(obj: Mapping[str, Any], text: str, *, utc_offset_ms: int = 0) -> Record:
    """The record of an object that is parsed already; `text` is how it stands in the log."""
    family, parts = _told(obj)
    body, level = parts.body, parts.level
    message = parts.message
    error = parts.error or error_of(body, family=family, level=level)
    if message:
        if error is None:
            error = error_in_message(message, level)
        elif error.status is None and message[-1] == "}":
            error = _with_status(error, message)
    else:
        message = _instead_of_message(body, error)
    status = parts.status if parts.status is not None else status_of(body)
    if status is None and parts.message:
        status = status_in_text(parts.message)
    instant = parse_time(parts.time, utc_offset_ms=utc_offset_ms) if parts.time is not None else None
    time, dated, subsecond = instant if instant is not None else (None, True, True)
    return Record(
        family,
        text,
        message,
        time,
        dated,
        subsecond,
        level,
        parts.logger,
        error,
        status,
        ids_of(body),
        details_of(body, error, message),
        None,
        parts.process,
    )


@cache
def families() -> tuple[Family, ...]:
    """Every module of this folder that reads JSON (it has `ORDER`), in that order. A new family is one new file."""
    found = []
    for module_info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"{__package__}.{module_info.name}")
        if hasattr(module, "ORDER"):
            found.append(Family(module.NAME, module.ORDER, module.SAMPLES, module.matches, module.decode))
    return tuple(sorted(found, key=lambda family: (family.order, family.name)))


def _as_text(text: str | bytes) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return plain.strip("\ufeff\x00\r\n") if plain[:1] != "{" or plain[-1:] != "}" else plain


def _with_status(error: ErrorInfo, message: str) -> ErrorInfo:
    """Add the status that an exception filter printed into the message as JSON (`[5xx] {"statusCode":503,...}`)."""
    told = error_in_message(message, "error")
    if told is None or told.status is None:
        return error
    return replace(error, code=error.code or told.code, status=told.status)


def _instead_of_message(body: Mapping[str, Any], error: ErrorInfo | None) -> str:
    """What a record without a message says: its error, or the names and constant words of its fields."""
    if error is not None:
        said = error.message.partition("\n")[0] if error.message else error.code
        told = ": ".join(part for part in (error.type, said) if part)
        if told:
            return told[:_MAX_FALLBACK]
    words = []
    for key, value in body.items():
        if key not in PLUMBING:
            words.append(f"{key}={value}" if isinstance(value, str) and value.isalpha() and len(value) <= 32 else key)
    return " ".join(words)[:_MAX_FALLBACK]
