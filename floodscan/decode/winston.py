"""winston and what prints like it (nest-winston, KafkaJS): `level` in words, `message`, errors spread flat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_shape import joined_characters
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_value, logger_of, process_of, text_of
from floodscan.model import ErrorInfo

NAME: Final = "winston"
ORDER: Final = 140
SAMPLES: Final[tuple[str, ...]] = (
    '{"code":"ECONNREFUSED","level":"error","message":"Redis error: connect ECONNREFUSED 127.0.0.1:6379","service":'
    '"shop","stack":"Error: connect ECONNREFUSED 127.0.0.1:6379\\n    at TCPConnectWrap.afterConnect [as oncomplete] '
    '(node:net:1611:16)","timestamp":"2026-03-02 08:15:30"}',
    '{"context":"OrderService","level":"error","message":"query failed","stack":[{"code":"ECONNRESET"}]}',
    '{"0":"t","1":"i","2":"m","3":"e","4":"o","5":"u","6":"t","level":"warn","message":"query","timestamp":'
    '"2026-03-02T08:15:31.123Z"}',
    '{"@fields":{"level":"error","stack":"Error: boom\\n    at main (/srv/app.js:3:9)"},"@message":"failed",'
    '"@timestamp":"2026-03-02T08:15:32.000Z"}',
    '{"level":"error","timestamp":"2026-03-02T08:15:34.000Z"}',
    '{"level":"\\u001b[33mwarn\\u001b[39m","message":"slow query","timestamp":"2026-03-02T08:15:33.500Z"}',
)

_TIMES: Final = ("timestamp", "@timestamp", "time", "date", "datetime")


def matches(obj: Mapping[str, Any]) -> bool:
    """A level in words beside `message`, or winston's logstash format."""
    if "@fields" in obj:
        return True
    return isinstance(obj.get("level"), str) and ("message" in obj or obj.keys() <= {"level", "timestamp", "service"})


def decode(obj: Mapping[str, Any]) -> Parts:
    """A text argument that winston spread into character keys is put back behind the message it was given with."""
    fields = obj.get("@fields")
    if isinstance(fields, dict):
        obj = {**fields, "message": obj.get("@message"), "timestamp": obj.get("@timestamp")}
    message = text_of(obj.get("message"))
    spread = joined_characters(obj)
    if spread is not None:
        message = f"{message} {spread}" if message else spread
    level = level_of(obj.get("level"), scale="text")
    # `log.error(new Error())` without format.errors() prints nothing but the level: an error that was dropped whole.
    dropped = "message" not in obj and level in ("error", "fatal") and "stack" not in obj
    return Parts(
        body=obj,
        message=message,
        time=first_value(obj, _TIMES),
        level=level,
        logger=logger_of(obj, ("context", "logger", "label", "module", "component")),
        process=process_of(obj),
        error=ErrorInfo(key="message", opacity="empty") if dropped else None,
    )
