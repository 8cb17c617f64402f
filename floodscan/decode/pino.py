"""Pino 7 to 10 and what logs through it (Fastify, pino-http, nestjs-pino), with its options (https://getpino.io)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.errors import ERROR_KEYS
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, logger_of, process_of, text_of
from floodscan.model import Level

NAME: Final = "pino"
ORDER: Final = 20
SAMPLES: Final[tuple[str, ...]] = (
    '{"level":30,"time":1795398633587,"pid":8507,"hostname":"vm","msg":"Server listening at http://127.0.0.1:3000"}',
    '{"level":50,"time":1795398633601,"pid":8507,"hostname":"vm","reqId":"req-4","err":{"type":"TypeError","message":'
    '"fetch failed: connect ECONNREFUSED 127.0.0.1:54321","stack":"TypeError: fetch failed\\n    at node:internal/deps/'
    "undici/undici:14976:13\\ncaused by: Error: connect ECONNREFUSED 127.0.0.1:54321\\n    at TCPConnectWrap."
    'afterConnect [as oncomplete] (node:net:1611:16)"},"msg":"load dashboard"}',
    '{"level":"error","time":"2026-11-23T01:50:33.613Z","pid":8507,"hostname":"vm","error":{},"msg":"init failed"}',
    '{"level":30,"time":1795398634,"req":{"id":3,"method":"GET","url":"/u","remoteAddress":"127.0.0.1","remotePort":'
    '33090},"res":{"statusCode":401},"responseTime":4,"message":"request completed"}',
    '{"level":40,"time":1795398633587,"pid":8507,"hostname":"vm","payload":{"err":{"type":"Error","message":"boom",'
    '"stack":"Error: boom\\n    at main (/srv/app.js:3:9)"}},"msg":"nested"}',
)

_NUMERIC: Final[dict[int, Level]] = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_MESSAGE_KEYS: Final = ("msg", "message", "event", "text", "log", "Message", "MESSAGE", "description")
_LOGGER_KEYS: Final = ("context", "module", "component", "logger", "scope", "name")
_LOGGER_BEARING: Final = frozenset(_LOGGER_KEYS)
_OTHERS: Final = frozenset(
    "severityNumber levelno levelname level_name short_message PRIORITY @timestamp @t record level_value".split()
)


def matches(obj: Mapping[str, Any]) -> bool:
    """A numeric level that no other family claims; or a label (`formatters.level`) with pino's own time and base."""
    level = obj.get("level")
    if type(level) is int:
        return _OTHERS.isdisjoint(obj)
    if type(level) is not str or "ts" in obj or "timestamp" in obj or not _OTHERS.isdisjoint(obj):
        return False
    if type(obj.get("time")) is int and "msg" in obj and "caller" not in obj:
        return True
    return "pid" in obj and "hostname" in obj and ("msg" in obj or "time" in obj)


def decode(obj: Mapping[str, Any]) -> Parts:
    """The message stands under `msg`, a known `messageKey`, or, under an unknown one, in the last field."""
    level = obj.get("level")
    message = obj.get("msg")
    return Parts(
        obj,
        message if type(message) is str else _message(obj),
        obj.get("time"),
        (_NUMERIC.get(level) if type(level) is int else None) or level_of(level),
        None if _LOGGER_BEARING.isdisjoint(obj) else logger_of(obj, _LOGGER_KEYS),
        process_of(obj),
    )


def _message(obj: Mapping[str, Any]) -> str | None:
    for key in _MESSAGE_KEYS:
        value = obj.get(key)
        if value is not None and not isinstance(value, bool):
            return text_of(value)
    # pino prints the message last, whatever `messageKey` calls it.
    last = next(reversed(list(obj)), None)
    value = obj.get(last) if last is not None and last not in ERROR_KEYS else None
    return value if isinstance(value, str) and " " in value.strip() else None
