"""Google Cloud Logging: structured stdout (`severity`) and exported `LogEntry` (`textPayload`, `jsonPayload`).

https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_text, first_value, logger_of, text_of

NAME: Final = "gcp"
ORDER: Final = 70
SAMPLES: Final[tuple[str, ...]] = (
    '{"severity":"ERROR","timestamp":"2026-03-02T08:15:30.123456Z","message":"order query failed","stack_trace":'
    '"Error: connect ETIMEDOUT 10.0.3.9:5432\\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",'
    '"logging.googleapis.com/trace":"projects/shop/traces/5b8efff798038103d269b633813fc60c"}',
    '{"insertId":"1f2x","logName":"projects/shop/logs/stdout","severity":"WARNING","timestamp":"2026-03-02T08:15:31Z",'
    '"jsonPayload":{"message":"slow query","duration":812},"resource":{"type":"k8s_container"}}',
    '{"insertId":"1f2y","severity":"INFO","receiveTimestamp":"2026-03-02T08:15:32Z","textPayload":"ready"}',
)

_TIMES: Final = ("timestamp", "time", "receiveTimestamp", "ts")
_MESSAGES: Final = ("message", "msg", "textPayload", "MESSAGE", "event")
_TRACE: Final = "logging.googleapis.com/trace"


def matches(obj: Mapping[str, Any]) -> bool:
    """A payload of LogEntry, or Google's `severity` where no `level` says it otherwise."""
    if "textPayload" in obj or "jsonPayload" in obj or "protoPayload" in obj or _TRACE in obj:
        return True
    severity = obj.get("severity")
    return isinstance(severity, str) and "level" not in obj and level_of(severity, scale="text") is not None


def decode(obj: Mapping[str, Any]) -> Parts:
    """A LogEntry is read through its payload; its labels, resource and insertId are the platform's."""
    payload = first_value(obj, ("jsonPayload", "protoPayload"))
    body: dict[str, Any] = dict(payload) if isinstance(payload, dict) else _without_entry(obj)
    for key in ("httpRequest", "trace", "spanId"):
        if key in obj:
            body.setdefault(key, obj[key])
    if isinstance(trace := obj.get(_TRACE), str):
        body["trace"] = trace
    if isinstance(trace := body.get("trace"), str):
        body["trace"] = trace.rpartition("/")[2]
    message = first_value(body, _MESSAGES)
    level = level_of(obj.get("severity"), scale="text")
    return Parts(
        body=body,
        message=text_of(message if message is not None else obj.get("textPayload")),
        time=_time(obj) if _time(obj) is not None else _time(body),
        level=level if level is not None else level_of(body.get("level", body.get("severity"))),
        logger=logger_of(body),
        process=_pod(obj),
    )


def _without_entry(obj: Mapping[str, Any]) -> dict[str, Any]:
    dropped = ("insertId", "resource", "labels", "logName", "receiveTimestamp", _TRACE)
    return {key: value for key, value in obj.items() if key not in dropped}


def _time(obj: Mapping[str, Any]) -> object:
    seconds = obj.get("timestampSeconds")
    if seconds is not None:
        return {"seconds": seconds, "nanos": obj.get("timestampNanos", 0)}
    value = first_value(obj, _TIMES)
    return value if value is not None else obj.get("LogEntry.timestamp")


def _pod(obj: Mapping[str, Any]) -> str | None:
    resource = obj.get("resource")
    labels = resource.get("labels") if isinstance(resource, dict) else None
    return first_text(labels, ("pod_name", "instance_id", "revision_name")) if isinstance(labels, dict) else None
