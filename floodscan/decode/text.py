"""Free text: any order of time, level, logger and message; access logs; errors that were printed raw. Never refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from floodscan.decode.json_record import decode_object
from floodscan.decode.prefix import Prefix, prefix_of
from floodscan.decode.text_parts import clock_of, from_object, from_text, split_object
from floodscan.model import Level, Record
from floodscan.regex import regex

NAME: Final = "text"
TEXT_ORDER: Final = 1000
SAMPLES: Final[tuple[str, ...]] = (
    "2026-03-02 08:15:30,123 - shop.orders - ERROR - order 7 could not be stored",
    "2026-03-02 08:15:30.123  INFO 12345 --- [main] c.example.shop.App               : Started App in 2.5 seconds",
    "[Nest] 4711  - 03/02/2026, 8:15:30 AM   ERROR [OrdersService] query failed +2ms",
    '127.0.0.1 - - [02/Mar/2026:08:15:30 +0000] "GET /orders/7 HTTP/1.1" 502 166 "-" "curl/8.5.0"',
    "2026/03/02 08:15:30 [error] 31#31: *7 connect() failed (111: Connection refused) while connecting to upstream",
    "ERRO[0003] could not reach the store                    attempt=3",
    "##[error]Process completed with exit code 1.",
    "Error: connect ECONNREFUSED 127.0.0.1:5432\n"
    "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {\n"
    "  errno: -111,\n  code: 'ECONNREFUSED',\n  syscall: 'connect'\n}",
    "I, [2026-03-02T08:15:30.123456 #1234]  INFO -- : Started GET \"/orders/7\" for 127.0.0.1",
    "listening on port 3000",
)

_ACCESS = regex(
    r"(?P<ip>[0-9a-fA-F.:]{3,45}) \S{1,80} (?P<user>\S{1,80}) \[(?P<time>[^\]\n]{10,40})\] "
    r"\"(?P<method>[A-Z]{3,10}) (?P<url>[^\s\"]{1,4000})[^\"\n]{0,40}\" (?P<status>\d{3})(?: |$)",
    needs='"',
)
_ANSWER = regex(
    r"(?:(?P<ip>[0-9a-fA-F.:]{3,45}?)(?::\d{1,5})? - )?\"?(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) "
    r"(?P<url>/[^\s\"]{0,4000})(?: HTTP/[\d.]{1,3})?\"?[ :-]{1,3}(?P<status>[1-5]\d\d)"
    r"(?= [\d.-]{1,12} ?ms| - |\s*$| [A-Z])",
    needs=("GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "HEAD ", "OPTIONS "),
)
_LEVEL_KEYS: Final = ("level", "severity", "lvl", "log.level")
_MESSAGE_KEYS: Final = ("msg", "message", "event")


def decode(text: str, *, utc_offset_ms: int = 0) -> Record:
    """The record of any text: what its prefix doesn't say stays empty."""
    access = _ACCESS.match(text)
    if access:
        return _access(text, access, utc_offset_ms)
    first = text.partition("\n")[0]
    prefix = prefix_of(first, utc_offset_ms=utc_offset_ms)
    body = text[prefix.end :]
    split = split_object(body)
    if split is not None:
        return _with_object(text, prefix, *split, utc_offset_ms)
    answer = _ANSWER.match(body)
    fields: dict[str, Any] = {}
    if answer:
        fields = {"method": answer["method"], "url": answer["url"]}
        if answer["ip"]:
            fields["ip"] = answer["ip"]
    return from_text(
        NAME,
        text,
        body if body.strip() else text,
        instant=prefix.instant,
        level=prefix.level,
        logger=prefix.logger,
        process=prefix.process,
        status=int(answer["status"]) if answer else None,
        fields=fields,
    )


def _access(text: str, access: re.Match[str], utc_offset_ms: int) -> Record:
    """A line of an access log: its message is the request, its level is nobody's."""
    fields: dict[str, Any] = {"method": access["method"], "url": access["url"], "ip": access["ip"]}
    if access["user"] != "-":
        fields["user"] = access["user"]
    body = f"{access['method']} {access['url']}"
    instant = clock_of(access["time"], utc_offset_ms)
    return from_text(NAME, text, body, instant=instant, status=int(access["status"]), fields=fields)


def _with_object(text: str, prefix: Prefix, message: str, fields: dict[str, Any], utc_offset_ms: int) -> Record:
    """A text that ends in JSON: a whole record of its own behind a time, or the fields of the text's message."""
    own = any(key in fields for key in _MESSAGE_KEYS) and any(key in fields for key in _LEVEL_KEYS)
    if not message.strip() and prefix.level is None and own:
        return _inner(text, prefix, fields, utc_offset_ms)
    level: Level | None = prefix.level
    obj = {**fields, "message": message.strip() or str(fields.get("message", fields.get("msg", "")))}
    obj.pop("msg", None)
    if level is not None:
        obj["level"] = level
    if prefix.logger is not None:
        obj.setdefault("logger", prefix.logger)
    return from_object(NAME, text, obj, instant=prefix.instant, utc_offset_ms=utc_offset_ms)


def _inner(text: str, prefix: Prefix, fields: dict[str, Any], utc_offset_ms: int) -> Record:
    """A JSON record behind a time that something put before it (a CloudWatch export): the inner time goes first."""
    record = decode_object(fields, text, utc_offset_ms=utc_offset_ms)
    if record.time is not None or prefix.instant is None:
        return record
    return replace(
        record, time=prefix.instant.ms, dated=prefix.instant.dated, subsecond=prefix.instant.subsecond
    )
