"""structlog's ConsoleRenderer, its default: time, padded level, padded event, logger, then the pairs as Python prints them.

    2026-03-02 08:15:30 [error    ] order query failed             [shop.orders] code=DATABASE_ERROR order_id=7
    Traceback (most recent call last):
    ...

Where the event is longer than its column, its end is where pairs begin that go on to the end of the line.
"""

from __future__ import annotations

import re
from typing import Any, Final

from floodscan.decode.json_text import parse_object
from floodscan.decode.levels import level_of
from floodscan.decode.text_parts import clock_of, from_object
from floodscan.model import Record
from floodscan.regex import regex

NAME: Final = "structlog-console"
TEXT_ORDER: Final = 25
SAMPLES: Final[tuple[str, ...]] = (
    "2026-03-02 08:15:30 [info     ] cache warmed                   entries=12 took=0.25",
    "2026-03-02T08:15:30.123456Z [error    ] order query failed             [shop.orders] code=DATABASE_ERROR "
    "order_id=7 reason='no rows found' tags=['a b', 'c']",
    "[warning  ] retrying                       attempt=3 error=ConnectionRefusedError(111, 'Connection refused')",
    "2026-03-02 08:15:30 [error] order query failed             order_id=7",
    "2026-03-02 08:15:30 [error    ] order query failed             order_id=7\nTraceback (most recent call last):\n"
    '  File "/srv/shop.py", line 23, in connect\n    raise ConnectionRefusedError(111, "Connection refused")\n'
    "ConnectionRefusedError: [Errno 111] Connection refused",
)

_HEAD = regex(r"(?P<time>\d[\dTZ:.,+/ -]{4,40}? )?\[(?P<level>[a-z]{4,9})(?P<pad> {0,5})\](?: |(?=\n)|\Z)")
_LEVEL_WIDTH: Final = 9
"""`exception`, the longest name of a level, sets the column's width."""
_EVENT_WIDTH: Final = 30
_LOGGER = regex(r"\[([^\[\]\s]{1,120})\](?: |\Z)")
_LAST = regex(r" \[([A-Za-z_][\w.-]{0,119})\]\Z")
_KEY = regex(r"([A-Za-z_][\w.-]{0,80})=")
_NEXT_PAIR = regex(r" (?=[A-Za-z_][\w.-]{0,80}=)")
_PLAIN = regex(r"[^\s'\"\[\](){}<>]*(?= |\Z)")
# One step through a value as `repr` prints it: a text, a bracket, or what stands between.
_STEP = regex(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?P<open>[\[({<])|(?P<close>[\])}>])|[^\s'\"\[\](){}<>]+|(?P<blank> )")
_RAISED = regex(r"(\w{0,80}(?:[Ee]rror|Exception|Timeout|Interrupt))\((.*)\)\Z")
_ERRNO = regex(r"(\d{1,5}), ('.*'|\".*\")\Z")
# A token of what `repr` prints, to be said in JSON.
_TOKEN = regex(
    r"'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|(?P<word>[A-Za-z]\w*)|(?P<mark>[\[\]{}(),: ])"
    r"|(?P<number>-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:e[+-]?\d{1,3})?)(?![\w.])"
)
_CONSTANTS: Final = {"None": "null", "True": "true", "False": "false"}
_BRACKETS: Final = {"(": "[", ")": "]"}
_ESCAPED = regex(r"\\(?:x([0-9a-f]{2})|U([0-9a-f]{8})|(.))|\"")
_MOST_PAIRS: Final = 200
_LONGEST: Final = 4_096
"""Characters of a value that is read as what Python printed; a longer one stays a text."""
_TRACEBACK: Final = "Traceback (most recent call last)"


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't structlog's. What it prints below the line is the exception."""
    head = _HEAD.match(text)
    level = level_of(head["level"], scale="text") if head else None
    if head is None or level is None:
        return None
    instant = clock_of(head["time"].strip(), utc_offset_ms) if head["time"] else None
    if head["time"] and instant is None:
        return None
    first, _, below = text[head.end() :].partition("\n")
    event, logger, pairs = _columns(first)
    if len(head["level"] + head["pad"]) != _LEVEL_WIDTH and not ((pairs or logger) and first.startswith(event + "  ")):
        return None  # `[error] message` is everybody's
    # Under the names of the standard library, which no message and no field of the application's can hide.
    obj: dict[str, Any] = {**pairs, "levelname": level, "event": event}
    if logger:
        obj["logger"] = logger
    if _TRACEBACK in below:
        obj["exception"] = below
    return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)


def _columns(line: str) -> tuple[str, str | None, dict[str, Any]]:
    """Event, logger and pairs of what follows the level."""
    if line[_EVENT_WIDTH : _EVENT_WIDTH + 1] in ("", " "):
        logger, pairs, end = _rest(line, _EVENT_WIDTH + 1)
        if end >= len(line):
            return line[:_EVENT_WIDTH].rstrip(), logger, pairs
    at = 0
    while (start := _NEXT_PAIR.search(line, at)) is not None:
        _, pairs, end = _rest(line, start.end())
        if end >= len(line):
            return *_named(line[: start.start()]), pairs
        at = max(end, start.end())
    return *_named(line), {}


def _named(event: str) -> tuple[str, str | None]:
    """An event longer than its column, without the logger that stands behind it."""
    named = _LAST.search(event, max(0, len(event) - 125)) if len(event) > _EVENT_WIDTH else None
    return (event[: named.start()].rstrip(), named[1]) if named else (event.rstrip(), None)


def _rest(line: str, at: int) -> tuple[str | None, dict[str, Any], int]:
    """The logger and the pairs that stand from `at` on, and where the first thing stands that is neither."""
    named = _LOGGER.match(line, at)
    at = named.end() if named else at
    pairs: dict[str, Any] = {}
    for _ in range(_MOST_PAIRS):
        key = _KEY.match(line, at)
        if key is None:
            break
        end = _value_end(line, key.end())
        pairs[key[1]] = _value(line[key.end() : end])
        at = end + 1
    return named[1] if named else None, pairs, at


def _value_end(line: str, at: int) -> int:
    """Where the value that begins at `at` ends: at the first blank outside of quotes and brackets."""
    plain = _PLAIN.match(line, at)
    if plain:
        return plain.end()
    depth = 0
    while (step := _STEP.match(line, at)) is not None:
        if step["open"]:
            depth += 1
        elif step["close"]:
            depth -= 1
        elif step["blank"] and depth <= 0:
            break
        at = step.end()
    return at


def _value(shown: str) -> Any:
    """What Python printed as it was: texts, numbers, dicts, lists; an exception as `Type: message`."""
    if not shown or len(shown) > _LONGEST:
        return shown
    if shown[0] in "'\"[{(-0123456789" or shown in _CONSTANTS:
        told = _in_json(shown)
        obj = parse_object(f'{{"v":{told}}}') if told else None
        return obj["v"] if obj is not None and obj.keys() == {"v"} else shown
    raised = _RAISED.match(shown)
    return f"{raised[1]}: {_said(raised[2])}" if raised else shown


def _said(arguments: str) -> str:
    """What `str` makes of an exception's arguments: a text as it is, the number of an `OSError` in brackets."""
    errno = _ERRNO.match(arguments)
    said = _value(errno[2] if errno else arguments)
    if not isinstance(said, str):
        return arguments
    return f"[Errno {errno[1]}] {said}" if errno else said


def _in_json(shown: str) -> str | None:
    """A `repr` in JSON, or None where something in it has no such form."""
    out: list[str] = []
    at = 0
    while at < len(shown):
        token = _TOKEN.match(shown, at)
        if token is None or (token["word"] and token["word"] not in _CONSTANTS):
            return None
        if token[0][0] in "'\"":
            out.append(f'"{_ESCAPED.sub(_escape, token["single"] or token["double"] or "")}"')
        else:
            out.append(_CONSTANTS.get(token[0]) or _BRACKETS.get(token[0], token[0]))
        at = token.end()
    return "".join(out)


def _escape(escape: re.Match[str]) -> str:
    """One of Python's escapes as JSON's."""
    if escape[1]:
        return f"\\u00{escape[1]}"
    if escape[2]:
        point = int(escape[2], 16)
        return chr(point) if point < 0x110000 else ""
    return escape[3] if escape[3] == "'" else '\\"' if escape[0] == '"' else escape[0]
