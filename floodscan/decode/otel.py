"""OpenTelemetry logs as OTLP JSON: batches of `resourceLogs`, single log records, and the collector's flat forms.

Shape: https://opentelemetry.io/docs/specs/otlp/ (nanoseconds and 64-bit integers are strings, attributes are arrays).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_text import error_from_text
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, text_of
from floodscan.model import ErrorInfo

NAME: Final = "otel"
ORDER: Final = 30
SAMPLES: Final[tuple[str, ...]] = (
    '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},'
    '"scopeLogs":[{"scope":{"name":"checkout.db"},"logRecords":[{"timeUnixNano":"1772439330123456789",'
    '"severityNumber":17,"severityText":"ERROR","body":{"stringValue":"order query failed"},"attributes":[{"key":'
    '"exception.type","value":{"stringValue":"OperationalError"}},{"key":"exception.message","value":{"stringValue":'
    '"connection refused"}},{"key":"retry.count","value":{"intValue":"3"}}],"traceId":'
    '"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]}',
    '{"timeUnixNano":"1772439331000000000","severityNumber":10,"body":{"stringValue":"cache warmed"}}',
)

_MAX_BATCH = 10_000
_MAX_DEPTH = 8


def matches(obj: Mapping[str, Any]) -> bool:
    """`severityNumber` and the nanosecond names are OpenTelemetry's own."""
    return "severityNumber" in obj or "resourceLogs" in obj or "timeUnixNano" in obj or "observedTimeUnixNano" in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """The record, or the first one of a batch."""
    batch = records_in(obj)
    if batch is not None:
        obj = batch[0] if batch else {}
    attributes = _attributes(obj.get("attributes"))
    body = _value(obj.get("body"))
    fields: dict[str, Any] = dict(attributes)
    for key in ("traceId", "spanId"):
        if isinstance(obj.get(key), str):
            fields[key] = obj[key]
    if isinstance(body, dict):
        fields = {**body, **fields}
    message = _message(body, attributes)
    scope = obj.get("scope")
    logger = scope.get("name") if isinstance(scope, Mapping) else attributes.get("logger.name")
    return Parts(
        body=fields,
        message=message,
        time=_time(obj),
        level=level_of(obj.get("severityNumber"), scale="otel") or level_of(obj.get("severityText"), scale="text"),
        logger=logger if isinstance(logger, str) and logger else None,
        process=_process(obj.get("resource")),
        error=_error(attributes),
        status=_status(attributes),
    )


def records_in(obj: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The log records of a batch, each with its scope and resource beside its own fields; None where it is no batch."""
    batch = obj.get("resourceLogs")
    if not isinstance(batch, list):
        return None
    found: list[dict[str, Any]] = []
    for resource_logs in batch:
        if not isinstance(resource_logs, Mapping):
            continue
        scopes = resource_logs.get("scopeLogs", resource_logs.get("instrumentationLibraryLogs"))
        for scope_logs in scopes if isinstance(scopes, list) else ():
            records = scope_logs.get("logRecords", scope_logs.get("logs")) if isinstance(scope_logs, Mapping) else None
            for record in records if isinstance(records, list) else ():
                if isinstance(record, Mapping) and len(found) < _MAX_BATCH:
                    beside = {"scope": scope_logs.get("scope"), "resource": resource_logs.get("resource")}
                    found.append({"severityNumber": 0, **record, **beside})
    return found


def _time(obj: Mapping[str, Any]) -> object:
    for key in ("timeUnixNano", "observedTimeUnixNano", "timestamp", "Timestamp", "time"):
        value = obj.get(key)
        if value not in (None, "0", 0, ""):
            return value
    return None


def _value(value: object, depth: int = 0) -> Any:
    """An AnyValue (`{"stringValue": ...}`) or a plain value."""
    if not isinstance(value, Mapping) or depth > _MAX_DEPTH:
        return value
    for key in ("stringValue", "boolValue", "doubleValue", "bytesValue"):
        if key in value:
            return value[key]
    if "intValue" in value:
        number = value["intValue"]
        digits = isinstance(number, str) and number.isascii() and number.lstrip("-").isdigit() and len(number) < 20
        return int(number) if digits else number
    if isinstance(value.get("arrayValue"), Mapping):
        items = value["arrayValue"].get("values")
        return [_value(item, depth + 1) for item in items] if isinstance(items, list) else []
    if isinstance(value.get("kvlistValue"), Mapping):
        return _attributes(value["kvlistValue"].get("values"), depth + 1)
    return dict(value)


def _attributes(value: object, depth: int = 0) -> dict[str, Any]:
    """Attributes as a mapping: from OTLP's array of `{key, value}`, or from an exporter's plain object."""
    if isinstance(value, Mapping):
        return {str(key): _value(item, depth) for key, item in value.items()}
    if not isinstance(value, list):
        return {}
    return {
        item["key"]: _value(item.get("value"), depth)
        for item in value
        if isinstance(item, Mapping) and isinstance(item.get("key"), str)
    }


def _message(body: object, attributes: Mapping[str, Any]) -> str | None:
    if isinstance(body, dict):
        inner = next((body[key] for key in ("message", "msg", "event") if isinstance(body.get(key), str)), None)
        return inner or text_of(body)
    if body is None:
        return text_of(attributes.get("message", attributes.get("event.name")))
    return text_of(body)


def _error(attributes: Mapping[str, Any]) -> ErrorInfo | None:
    kind, message = attributes.get("exception.type"), attributes.get("exception.message")
    stack = attributes.get("exception.stacktrace")
    if not any(isinstance(part, str) and part for part in (kind, message, stack)):
        return None
    stack = stack if isinstance(stack, str) and stack else None
    told = error_from_text(stack or "") or error_from_text(message if isinstance(message, str) else "")
    code = attributes.get("error.code", attributes.get("exception.code"))
    return ErrorInfo(
        key="exception",
        type=(kind.rpartition(".")[2] if isinstance(kind, str) and kind else None) or (told.type if told else None),
        code=code if isinstance(code, str) and code else (told.code if told else None),
        message=message if isinstance(message, str) and message else (told.message if told else None),
        stack=stack,
        causes=told.causes if told else (),
    )


def _status(attributes: Mapping[str, Any]) -> int | None:
    for key in ("http.response.status_code", "http.status_code"):
        value = attributes.get(key)
        if type(value) is int and 100 <= value <= 599:
            return value
    return None


def _process(resource: object) -> str | None:
    attributes = _attributes(resource.get("attributes")) if isinstance(resource, Mapping) else {}
    pid, host = attributes.get("process.pid"), attributes.get("host.name")
    named = [str(part) for part in (pid, host) if isinstance(part, str | int) and part]
    return "@".join(named) or None
