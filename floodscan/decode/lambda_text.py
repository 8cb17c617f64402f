"""AWS Lambda's text format: tab-separated lines of Node, bracketed ones of Python, and the platform's own.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from floodscan.decode.levels import level_of
from floodscan.decode.text_parts import from_object, from_text, split_object
from floodscan.decode.times import parse_time
from floodscan.model import ErrorInfo, Record
from floodscan.regex import regex

NAME: Final = "lambda-text"
TEXT_ORDER: Final = 30
SAMPLES: Final[tuple[str, ...]] = (
    "2026-03-02T08:15:30.123Z\t8f507cfc-0000-4697-b07a-ac58fc914c95\tERROR\tquery failed: timeout",
    '2026-03-02T08:15:30.125Z\t8f507cfc-0000-4697-b07a-ac58fc914c95\tERROR\tInvoke Error \t{"errorType":"TypeError",'
    '"errorMessage":"x is not a function","stack":["TypeError: x is not a function","    at main (/task/i.js:3:9)"]}',
    "[ERROR]\t2026-03-02T08:15:31.000Z\t8f507cfc-0000-4697-b07a-ac58fc914c95\torder 7 could not be stored",
    "START RequestId: 8f507cfc-0000-4697-b07a-ac58fc914c95 Version: $LATEST",
    "REPORT RequestId: 8f507cfc-0000-4697-b07a-ac58fc914c95\tDuration: 3000.00 ms\tBilled Duration: 3000 ms",
    "2026-03-02T08:15:33.010Z 8f507cfc-0000-4697-b07a-ac58fc914c95 Task timed out after 3.00 seconds",
)

_TIME = r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
_ID = r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|undefined)"
_FORMS: Final = (
    regex(rf"{_TIME}\t{_ID}\t(?P<level>[A-Z]{{4,8}})\t", needs="\t"),
    regex(rf"\[(?P<level>[A-Z]{{4,8}})\]\t{_TIME}\t{_ID}\t", needs="\t"),
    regex(rf"{_TIME} {_ID} (?P<level>)(?=Task timed out|Process exited|Error:)", needs=("Task timed out", "Process exited", "Error:")),
)
_PLATFORM = regex(rf"(?P<kind>START|END|REPORT|INIT_START|RequestId:)(?: RequestId:)? {_ID}?", needs=("START", "END", "REPORT", "RequestId:"))


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't Lambda's. Its times are always UTC."""
    platform = _PLATFORM.match(text)
    if platform and (platform["id"] or platform["kind"] == "INIT_START"):
        fields = {"requestId": platform["id"]} if platform["id"] else {}
        return from_text(NAME, text, text, level="info", fields=fields)
    for form in _FORMS:
        match = form.match(text)
        if match:
            break
    else:
        return None
    instant = parse_time(match["time"])
    level = level_of(match["level"], scale="text") if match["level"] else "error"
    fields = {"requestId": match["id"]} if match["id"] != "undefined" else {}
    body = text[match.end() :]
    split = split_object(body)
    if split is not None:
        obj = {**split[1], **fields, "level": level, "message": split[0].strip()}
        return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)
    record = from_text(NAME, text, body, instant=instant, level=level, fields=fields)
    if record.error is None and not match["level"]:
        return _failed(record)
    return record


def _failed(record: Record) -> Record:
    return replace(record, error=ErrorInfo(key="text", message=record.message))
