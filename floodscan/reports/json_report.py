"""The JSON report, schema 1: the fields of `floodscan.model.Report` in their order, the same bytes on every run.

`schema-1.json` beside this file describes it. Shares and rates are rounded to four decimals, times are the model's.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from functools import cache
from typing import Any

import orjson

from floodscan.model import Report
from floodscan.regex import regex
from floodscan.safe import safe

SCHEMA = 1
_DECIMALS = 4
_WRITTEN = {"evidence_for": "for", "evidence_against": "against"}
"""Fields that have another name in JSON: `for` is a keyword of Python."""
_AZURE = regex(rb"##(?=[a-z]{0,16}\[)", re.IGNORECASE)


def render(report: Report) -> bytes:
    """The report, indented, with a newline at its end."""
    page = orjson.dumps(_plain(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    # A CI runner reads `##[name]` as a command anywhere in a line; in JSON another spelling means the same.
    return _AZURE.sub(rb"#\\u0023", page)


def parse(data: bytes) -> Report:
    """The report that `render` wrote, `parse(render(report)) == report`. Fields that it doesn't know are passed over.

    A field that was added within schema 1 may be missing: it has a default in the model.

    Raises ValueError, with the field's path, where the data is no report of schema 1.
    """
    value = orjson.loads(data)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ValueError(f"not a floodscan report of schema {SCHEMA}")
    try:
        report = _build(Report, value, "report")
    except RecursionError:
        raise ValueError("report: nested too deeply") from None
    assert isinstance(report, Report)
    return report


def _plain(value: object) -> object:
    """What orjson writes. Every string passes `safe` once more: it alters none that has passed it before."""
    if isinstance(value, str):
        return safe(value, multiline=True)
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {safe(str(key)): _plain(item) for key, item in sorted(value.items())}
    if value is None or isinstance(value, int):
        return value
    return {_WRITTEN.get(name, name): _plain(getattr(value, name)) for name in value.__slots__}  # type: ignore[attr-defined]


@cache
def _required(cls: Any) -> tuple[str, ...]:
    """Names in JSON of the fields that have no default."""
    plain = (f for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING)
    return tuple(_WRITTEN.get(f.name, f.name) for f in plain)


@cache
def _fields(cls: Any) -> tuple[tuple[str, str, Any], ...]:
    """(attribute, name in JSON, type) of each field."""
    hints = typing.get_type_hints(cls)
    return tuple((f.name, _WRITTEN.get(f.name, f.name), hints[f.name]) for f in dataclasses.fields(cls))


def _build(kind: Any, value: Any, path: str) -> Any:
    """The value as a `kind`: a class of the model, a tuple or dict of them, or a plain value."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [arg for arg in args if arg is not type(None)]
        return None if value is None else _build(inner[0], value, path)
    if origin is tuple:
        return tuple(_build(args[0], item, f"{path}[{i}]") for i, item in enumerate(_of(list, value, path)))
    if origin is dict:
        return {key: _build(args[1], item, f"{path}.{key}") for key, item in _of(dict, value, path).items()}
    if dataclasses.is_dataclass(kind):
        return _object(kind, _of(dict, value, path), path)
    if kind is bool:
        return _of(bool, value, path)
    if kind is int:
        return _of(int, value, path)
    if kind is float:
        return float(_of(int if isinstance(value, int) else float, value, path))
    return safe(_of(str, value, path), multiline=True)  # text, a Literal or Safe: lists of words may grow


def _object(kind: Any, value: dict[str, Any], path: str) -> Any:
    missing = [name for name in _required(kind) if name not in value]
    if missing:
        raise ValueError(f"{path}: {missing[0]} is missing")
    known = [field for field in _fields(kind) if field[1] in value]
    return kind(**{attr: _build(hint, value[name], f"{path}.{name}") for attr, name, hint in known})


def _of(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{path}: {kind.__name__} expected, not {type(value).__name__}")
    return value
