"""pino-pretty's text, back to the object that pino wrote (https://github.com/pinojs/pino-pretty).

    [06:06:46 UTC] ERROR (7712 on api-1): Failed to initialize dashboard
        userId: "5c1f3a52-0a4e-4a0b-9c55-2b6e0c1d9f01"
        err: {
          "type": "TypeError",
          "stack":
              TypeError: fetch failed
                  at node:internal/deps/undici/undici:14976:13
        }
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from floodscan.decode.json_text import parse_object
from floodscan.decode.text_parts import clock_of, from_object, split_object
from floodscan.decode.times import Instant
from floodscan.model import Record
from floodscan.read.kinds import opens_traceback
from floodscan.regex import regex

NAME: Final = "pino-pretty"
TEXT_ORDER: Final = 10
SAMPLES: Final[tuple[str, ...]] = (
    "[14:25:41.125] INFO (4711): Server listening at http://127.0.0.1:3000",
    '[06:06:46 UTC] WARN: retrying\n    attempt: 3\n    error: {}',
    '[2026-03-02 08:15:30.123 +0000] ERROR (api/4711 on web-1): load failed\n    reqId: "req-4"\n    err: {\n'
    '      "type": "TypeError",\n      "message": "fetch failed",\n      "stack":\n          TypeError: fetch failed\n'
    '              at main (/srv/app.js:3:9)\n      "code": "ECONNREFUSED"\n    }',
    'DEBUG [08:15:30] (4711 on web-1): cache miss {"key":"user:7"}',
    "[1772439330123] FATAL (4711 on web-1): giving up",
)

_LEVELS: Final = {"TRACE": 10, "DEBUG": 20, "INFO": 30, "WARN": 40, "ERROR": 50, "FATAL": 60}
_NAME = r"(?P<level>[A-Z][A-Z0-9_]{1,20})"
_TIME = r"\[(?P<time>[^\[\]\n]{5,60})\]"
_META = (
    r"(?: \((?:(?P<name>[^()/\n]{1,100})/)?(?:(?P<pid>\d{1,10})|(?P<only>[^()\n]{1,100}?))?"
    r"(?: ?on (?P<host>[^()\s]{1,255}))?\))?(?: <(?P<caller>[^<>\n]{1,300})>)?"
)
_HEADS: Final = (
    regex(rf"{_TIME} {_NAME}{_META}:(?: (?P<msg>.*))?\Z"),
    regex(rf"{_NAME} {_TIME}{_META}:(?: (?P<msg>.*))?\Z"),
    regex(rf"{_NAME}(?= ?\(\d|:){_META}:(?: (?P<msg>.*))?\Z"),
)
_FIELD = regex(r"    ([^\s\[\](){}\"][^\n]{0,199}?):(?: (?=[\"\[{\d-]|true|false|null)|\s*\Z)")
_STACK = regex(r"( *)\"stack\":\s*\Z")
_LONE_BACKSLASH = regex(r'\\(?!["\\/bfnrtu])')
_CLOSING: Final = {"{": "}", "[": "]"}
_INDENT: Final = 4
_MOST_FIELDS: Final = 500


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't pino-pretty's. Times without a date stay so."""
    told = object_in(text, utc_offset_ms=utc_offset_ms)
    if told is None:
        return None
    obj, instant = told
    return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)


def object_in(text: str, *, utc_offset_ms: int = 0) -> tuple[dict[str, Any], Instant | None] | None:
    """The object that pino wrote, and its time; None where the text isn't pino-pretty's."""
    first, *rest = text.split("\n")
    if first[:1] != "[" and not first[:1].isupper():
        return None
    at = next((i for i, line in enumerate(rest) if _FIELD.match(line)), len(rest))
    for pattern in _HEADS:
        head = pattern.match(first)
        if head:
            break
    else:
        return None
    stamp = head.groupdict().get("time")
    instant = clock_of(stamp, utc_offset_ms) if stamp else None
    if instant is None and (stamp or (head["pid"] is None and (at == len(rest) or opens_traceback(first)))):
        return None  # "ERROR: message" is everybody's, and "ERROR: Traceback ..." Python's, whose code stands indented
    if head["level"] not in _LEVELS and head["level"] != "USERLVL" and stamp is None:
        return None
    message = "\n".join((head["msg"] or "", *rest[:at]))
    fields = _fields(rest[at:])
    inline = None if fields else split_object(message)
    if inline is not None:
        message, fields = inline[0].rstrip(), inline[1]
    return _object(head, fields, message), instant


def _object(head: re.Match[str], fields: dict[str, Any], message: str) -> dict[str, Any]:
    obj: dict[str, Any] = {"level": _LEVELS.get(head["level"], head["level"].lower())}
    if head["pid"]:
        obj["pid"] = int(head["pid"])
    if head["host"]:
        obj["hostname"] = head["host"]
    name = head["name"] or head["only"]
    if name:
        obj["name"] = name
    if head["caller"]:
        obj["caller"] = head["caller"]
    obj.update((key, value) for key, value in fields.items() if key != "level")
    if message:
        obj["msg"] = message
    return obj


def _fields(lines: list[str]) -> dict[str, Any]:
    """The last of the values of each key."""
    return {key: _value(block) for key, block in blocks(lines)}


def blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The `key: value` blocks: each begins at four blanks, and goes on over what is indented deeper."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at >= len(lines):
            break
        field = _FIELD.match(lines[at])
        if field is None:
            at += 1
            continue
        block = [lines[at][field.end() :]]
        at += 1
        while at < len(lines) and not _FIELD.match(lines[at]):
            block.append(lines[at][_INDENT:])
            at += 1
        yield field[1], block


def _value(block: list[str]) -> Any:
    """JSON, in which a stack was unfolded into lines; what is no JSON (a custom prettifier's) is a text.

    Lines below a value that is whole (stack frames which something else printed) are not part of it.
    """
    for lines in (block, block[: _end_of(block)]):
        text = json_of(lines)
        for candidate in (text, _LONE_BACKSLASH.sub(r"\\\\", text)):
            # Wrapped, so that one reader with its limits serves every kind of value.
            obj = parse_object(f'{{"v":{candidate}}}')
            if obj is not None and obj.keys() == {"v"}:
                return obj["v"]
    return "\n".join(block).strip()


def json_of(block: list[str]) -> str:
    """The JSON that a block was written from, where it is whole."""
    return block[0] if len(block) == 1 else "\n".join(_folded(block))


def _end_of(block: list[str]) -> int:
    """The line after the bracket that closes the value; the second where it stands on one line."""
    closing = _CLOSING.get(block[0].strip())
    return next((at for at, line in enumerate(block, 1) if line.rstrip() == closing), len(block)) if closing else 1


def _folded(block: list[str]) -> list[str]:
    """Unfolded stacks (`"stack":` and, below it, indented lines) as JSON strings again."""
    out: list[str] = []
    at = 0
    while at < len(block):
        stack = _STACK.match(block[at])
        at += 1
        if stack is None:
            out.append(block[at - 1])
            continue
        indent = len(stack[1]) + _INDENT
        begin = at
        while at < len(block) and (not block[at].strip() or block[at][:indent].isspace()):
            at += 1
        lines = "\n".join(line[indent:] for line in block[begin:at])
        more = at < len(block) and block[at].lstrip().startswith('"')
        out.append(f'{stack[1]}"stack": {json.dumps(lines)}{"," if more else ""}')
    return out
