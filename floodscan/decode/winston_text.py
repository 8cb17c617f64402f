"""winston's printf, simple and cli formats, and loggers that print like them: `[time] level: message {meta}`."""

from __future__ import annotations

from typing import Final

from floodscan.decode.levels import level_of
from floodscan.decode.prefix import DOTNET
from floodscan.decode.text_parts import clock_of, from_object, from_text, split_object
from floodscan.model import Record
from floodscan.regex import regex

NAME: Final = "winston-text"
TEXT_ORDER: Final = 20
SAMPLES: Final[tuple[str, ...]] = (
    '[19:36:22] warn: Retry attempt 1 {\n  "service": "shop",\n  "error": "connect ECONNREFUSED 127.0.0.1:6379"\n}',
    '2026-03-02 08:15:30 [info]: job complete {"duration":"7ms"}',
    "2026-03-02T08:15:30.123Z error: query failed",
    'error: Redis error connect ECONNREFUSED 127.0.0.1:6379 {"code":"ECONNREFUSED"}',
    "[shop] 2026-03-02T08:15:31.123Z warn: slow query",
)

_HEAD = regex(
    r"(?:\[(?P<label>[\w.-]{1,60})\] )?"
    r"(?:\[?(?P<time>[\d][^\[\]\n]{4,40}?)\]?[ |-]{1,4})?"
    r"(?P<open>\[)?(?P<level>error|warn|warning|info|http|verbose|debug|silly|fatal|trace)(?P<close>\])?:[ \t]"
)


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't of this form. Meta that is JSON comes back as fields."""
    head = _HEAD.match(text)
    if head is None or bool(head["open"]) != bool(head["close"]):
        return None
    if not head.start("level") and DOTNET.match(text.partition("\n")[0]):
        return None
    instant = clock_of(head["time"], utc_offset_ms) if head["time"] else None
    if head["time"] and instant is None:
        return None
    body = text[head.end() :].lstrip(" ")
    split = split_object(body)
    if split is None:
        if head["open"] and not head["time"]:
            return None
        level = level_of(head["level"], scale="text")
        return from_text(NAME, text, body, instant=instant, level=level, logger=head["label"])
    message, fields = split
    obj = {**fields, "level": head["level"], "message": message.strip()}
    if head["label"]:
        obj.setdefault("label", head["label"])
    return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)
