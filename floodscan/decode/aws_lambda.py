"""AWS Lambda's JSON log format: the application's lines and the platform's events.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_object import error_from_value
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, text_of
from floodscan.model import ErrorInfo

NAME: Final = "lambda"
ORDER: Final = 80
SAMPLES: Final[tuple[str, ...]] = (
    '{"timestamp":"2026-03-02T08:15:30.123Z","level":"ERROR","message":{"errorType":"TypeError","errorMessage":"fetch '
    'failed","stackTrace":["TypeError: fetch failed","    at node:internal/deps/undici/undici:14976:13"]},"requestId":'
    '"8f507cfc-xmpl-4697-b07a-ac58fc914c95"}',
    '{"time":"2026-03-02T08:15:31.010Z","type":"platform.report","record":{"requestId":'
    '"8f507cfc-0000-4697-b07a-ac58fc914c95","status":"timeout","metrics":{"durationMs":3000.0}}}',
    '{"timestamp":"2026-03-02T08:15:32Z","level":"INFO","message":"order 7 stored","logger":"root","requestId":'
    '"8f507cfc-0000-4697-b07a-ac58fc914c95"}',
)

_FAILED: Final = frozenset({"error", "failure", "timeout"})


def matches(obj: Mapping[str, Any]) -> bool:
    """A platform event, or a request id beside `timestamp` and an upper-case level."""
    kind = obj.get("type")
    if isinstance(kind, str) and kind.startswith("platform."):
        return True
    if "errorType" in obj and "errorMessage" in obj and ("stackTrace" in obj or "requestId" in obj):
        return True
    level = obj.get("level")
    known = "requestId" in obj or "AWSRequestId" in obj or "function_request_id" in obj
    return known and "timestamp" in obj and isinstance(level, str) and level.isupper() and "stack" not in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """`message` is a text or whatever object was logged; an error in it is read as one."""
    if isinstance(obj.get("type"), str) and isinstance(obj.get("record"), dict):
        return _platform(obj)
    message, error = obj.get("message"), None
    text = text_of(message)
    source = message if isinstance(message, dict) and "errorType" in message else obj
    if "errorType" in source:
        error = error_from_value("message" if source is message else "errorMessage", dict(source, type=None, name=None))
        told = source.get("errorMessage")
        text = text if text and source is not message else f"{source['errorType']}: {told}" if told else text
    elif isinstance(message, dict):
        text = next((message[key] for key in ("message", "msg") if isinstance(message.get(key), str)), text)
    fields = {**obj, **message} if isinstance(message, dict) else obj
    return Parts(
        body=fields,
        message=text,
        time=obj.get("timestamp", obj.get("time")),
        level=level_of(obj.get("level"), scale="text") or ("error" if error else None),
        logger=obj["logger"] if isinstance(obj.get("logger"), str) else None,
        error=error,
    )


def _platform(obj: Mapping[str, Any]) -> Parts:
    record = obj["record"]
    status, kind = record.get("status"), record.get("errorType")
    failed = status in _FAILED
    kind = kind if isinstance(kind, str) else None
    return Parts(
        body={key: record[key] for key in ("requestId",) if key in record},
        message=f"{obj['type']} {status}" if isinstance(status, str) else str(obj["type"]),
        time=obj.get("time"),
        level="error" if failed else "info",
        error=ErrorInfo(key="record", type=kind, message=str(status)) if failed else None,
    )
