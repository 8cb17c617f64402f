"""Any other JSON object: time, level and message under whatever of the usual names they stand. Asked last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import Scale, level_of
from floodscan.decode.parts import Parts, first_value, logger_of, process_of, text_of
from floodscan.model import Level

NAME: Final = "json"
ORDER: Final = 1000
SAMPLES: Final[tuple[str, ...]] = (
    '{"message":"query failed","context":{"exception":{"class":"PDOException","message":"SQLSTATE[08006] could not '
    'connect","code":7}},"level":400,"level_name":"ERROR","channel":"app","datetime":"2026-03-02T08:15:30.123456+00:00"}',
    '{"timestamp":"2026-03-02T08:15:31.123456Z","level":"WARN","fields":{"message":"slow query","elapsed_ms":812},'
    '"target":"shop::db"}',
    '{"t":{"$date":"2026-03-02T08:15:32.123+00:00"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":'
    '"Connection accepted","attr":{"remote":"127.0.0.1:40852"}}',
    '{"version":"1.1","host":"web-2","short_message":"query failed","timestamp":1772439333.25,"level":3}',
)

_TIMES: Final = (
    "time", "ts", "timestamp", "@timestamp", "datetime", "date", "t", "eventTime", "event_time", "log_time", "logTime",
    "Timestamp", "Time", "TIME", "created_at", "createdAt", "_SOURCE_REALTIME_TIMESTAMP", "asctime", "@t",
)  # fmt: skip
_LEVELS: Final = (
    "level_name", "levelname", "level", "severity", "lvl", "loglevel", "logLevel", "log_level", "@level", "Level",
    "LEVEL", "s", "priority", "severityText", "tags",
)  # fmt: skip
_MESSAGES: Final = (
    "message", "msg", "short_message", "@message", "event", "text", "log", "Message", "MESSAGE", "@m", "body",
    "description", "summary",
)  # fmt: skip
_LOGGERS: Final = ("logger", "logger_name", "name", "target", "context", "channel", "module", "component", "c")
_INSIDES: Final = ("fields", "log", "data", "payload", "event")


def matches(obj: Mapping[str, Any]) -> bool:
    """Everything."""
    return True


def decode(obj: Mapping[str, Any]) -> Parts:
    """Names at the top level go first, then those inside `fields` (Rust's tracing) and the like."""
    message = _text(obj)
    inside = next((obj[key] for key in _INSIDES if isinstance(obj.get(key), dict)), None)
    if message is None and inside is not None:
        message = _text(inside)
    level = _level(obj)
    if level is None and inside is not None:
        level = _level(inside)
    if message is None:
        message = text_of(first_value(obj, _MESSAGES))
    return Parts(
        body=obj,
        message=message,
        time=first_value(obj, _TIMES),
        level=level,
        logger=logger_of(obj, _LOGGERS),
        process=process_of(obj),
    )


def _text(obj: Mapping[str, Any]) -> str | None:
    for key in _MESSAGES:
        value = obj.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def _level(obj: Mapping[str, Any]) -> Level | None:
    scale: Scale = "syslog" if "short_message" in obj else "pino"  # GELF counts as syslog does
    for key in _LEVELS:
        value = obj.get(key)
        if value is not None:
            level = level_of(value, scale="syslog" if key == "priority" else scale)
            if level is not None:
                return level
    return None
