"""logfmt (go-kit, logrus, Heroku): `ts=2026-03-02T08:15:30Z level=error msg="query failed" err="refused"`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floodscan.decode.text_parts import clock_of, from_object
from floodscan.model import Record
from floodscan.regex import regex

NAME: Final = "logfmt"
TEXT_ORDER: Final = 50
SAMPLES: Final[tuple[str, ...]] = (
    'ts=2026-03-02T08:15:30.103611953Z caller=tailer.go:181 level=info component=logs msg="watching file" op=CREATE',
    'time="2026-03-02T08:15:31Z" level=error msg="failed to decode" err="bufio.Scanner: token too long"',
    "level=warn msg=retrying attempt=3 delay=2s",
    't=2026-03-02T08:15:32+0000 lvl=eror msg="Request failed" status=503 userId=42',
)

_PAIR = regex(r'([A-Za-z_@][\w.@/-]{0,80})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')
_BARE = regex(r"[^\s=]{1,80}(?:\s+|$)")
_START = regex(r"[A-Za-z_@][\w.@/-]{0,80}=")
_TIMES: Final = ("ts", "time", "timestamp", "t", "datetime")
_LEVELS: Final = ("level", "lvl", "severity", "loglevel")
_MESSAGES: Final = ("msg", "message", "event")
_ESCAPE = regex(r"\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_NUMBER = regex(r"-?(?:0|[1-9]\d{0,14})\Z")
_MOST_PAIRS: Final = 200


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text doesn't begin with a pair, or has neither level nor message nor time."""
    if not _START.match(text):
        return None
    first, _, rest = text.partition("\n")
    obj: dict[str, object] = dict(pairs_in(first))
    if len(obj) < 2 or not any(key in obj for key in (*_LEVELS, *_MESSAGES)):
        return None
    stamp = next((value for key in _TIMES if isinstance(value := obj.pop(key, None), str | int) and value != ""), None)
    instant = clock_of(str(stamp), utc_offset_ms) if stamp is not None else None
    level = next((obj.pop(key) for key in _LEVELS if key in obj), None)
    message = next((str(obj.pop(key)) for key in _MESSAGES if key in obj), "")
    obj.update(level=level, message=message)
    if rest:
        obj.setdefault("stack", f"{message}\n{rest}")
    return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)


def pairs_in(text: str) -> Iterator[tuple[str, str | int]]:
    """The pairs of a logfmt text in its order; bare words between them are passed over, numbers become numbers."""
    at = 0
    for _ in range(_MOST_PAIRS):
        match = _PAIR.match(text, at)
        if match is None:
            bare = _BARE.match(text, at)
            if bare is None or at >= len(text):
                return
            at = bare.end()
            continue
        yield match[1], _value(match[2])
        at = match.end()


def _value(text: str) -> str | int:
    if text[:1] == '"':
        inner = text[1:-1]
        return _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), inner) if "\\" in inner else inner
    return int(text) if _NUMBER.match(text) else text
