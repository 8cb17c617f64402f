"""loguru's default format: `time | LEVEL    | module:function:line - message`, an exception on the lines below.

The module is the logger, as in loguru's JSON (`structlog.py`): function and line move with the code.
"""

from __future__ import annotations

from typing import Final

from floodscan.decode.levels import level_of
from floodscan.decode.text_parts import clock_of, from_text
from floodscan.model import Record
from floodscan.regex import regex

NAME: Final = "loguru-text"
TEXT_ORDER: Final = 27
SAMPLES: Final[tuple[str, ...]] = (
    "2026-03-02 08:15:30.123 | INFO     | __main__:<module>:21 - cache warmed",
    "2026-03-02 08:15:30.123 | SUCCESS  | shop.orders:store:7 - order 7 stored",
    "2026-03-02 08:15:30.123 | ERROR    | shop.orders:load:28 - order query failed\nTraceback (most recent call last):\n\n"
    '> File "/srv/shop/main.py", line 26, in <module>\n    load(7)\n    \u2514 <function load at 0x7fbc27cd1440>\n\n'
    '  File "/srv/shop/orders.py", line 13, in connect\n    raise ConnectionRefusedError(111, "Connection refused")\n\n'
    "ConnectionRefusedError: [Errno 111] Connection refused",
)

_HEAD = regex(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \| (?P<level>[A-Z]{1,20}) {0,7} \| "
    r"(?P<name>[\w.-]{1,120}):[\w.<>]{1,120}:\d{1,6} - ",
    needs=" | ",
)


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't of this form, or its level one of the application's own."""
    head = _HEAD.match(text)
    level = level_of(head["level"], scale="text") if head else None
    if head is None or level is None:
        return None
    instant = clock_of(head["time"], utc_offset_ms)
    return from_text(NAME, text, text[head.end() :], instant=instant, level=level, logger=head["name"])
