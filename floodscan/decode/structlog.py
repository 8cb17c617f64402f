"""Python's JSON loggers: structlog, python-json-logger, loguru's `serialize=True`, and the standard library's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_text import error_from_text
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_value, logger_of, text_of
from floodscan.model import ErrorInfo

NAME: Final = "structlog"
ORDER: Final = 90
SAMPLES: Final[tuple[str, ...]] = (
    '{"order_id": 7, "event": "order query failed", "level": "error", "timestamp": "2026-03-02T08:15:30.123456Z", '
    '"logger": "orders", "exception": "Traceback (most recent call last):\\n  File \\"app.py\\", line 3, in main\\n    '
    'connect()\\nConnectionRefusedError: [Errno 111] Connection refused"}',
    '{"event": "cache warmed", "timestamp": 1772439330.123456}',
    '{"asctime": "2026-03-02 08:15:30,123", "levelname": "ERROR", "name": "orders", "message": "order query failed", '
    '"exc_info": "Traceback (most recent call last):\\n  File \\"app.py\\", line 3, in main\\nValueError: bad id"}',
    '{"text": "2026-03-02 | ERROR | failed\\n", "record": {"elapsed": {"seconds": 0.01}, "exception": {"type": '
    '"ZeroDivisionError", "value": "division by zero", "traceback": true}, "extra": {"user_id": "u-1842"}, "level": '
    '{"icon": "x", "name": "ERROR", "no": 40}, "message": "failed", "name": "orders", "process": {"id": 71, "name": '
    '"MainProcess"}, "time": {"repr": "2026-03-02 08:15:30.123456+00:00", "timestamp": 1772439330.123456}}}',
)

_TIMES: Final = ("timestamp", "asctime", "time", "created", "ts")


def matches(obj: Mapping[str, Any]) -> bool:
    """`levelname`, `levelno`, `asctime` or `exc_info`; loguru's `record`; or an `event` and no other message."""
    if "levelname" in obj or "levelno" in obj or "asctime" in obj or "exc_info" in obj:
        return True
    record = obj.get("record")
    if type(record) is dict and "level" in record and "message" in record:
        return True
    return isinstance(obj.get("event"), str) and "msg" not in obj and "message" not in obj and "ts" not in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """Numbers are Python's levels: 40 is an error here, and a warning to pino."""
    record = obj.get("record")
    if type(record) is dict and "message" in record:
        return _loguru(obj, record)
    level = first_value(obj, ("levelname", "level", "log_level", "levelno", "severity"))
    message = first_value(obj, ("event", "message", "msg"))
    exception = obj.get("exception")
    return Parts(
        body=obj,
        message=text_of(message),
        time=first_value(obj, _TIMES),
        level=level_of(level, scale="python"),
        logger=logger_of(obj, ("logger", "name", "logger_name", "module")),
        process=_pid(obj.get("process", obj.get("pid"))),
        error=_dict_traceback(exception) if isinstance(exception, list) else None,
    )


def _loguru(obj: Mapping[str, Any], record: Mapping[str, Any]) -> Parts:
    level, extra = record.get("level"), record.get("extra")
    number = level.get("no") if isinstance(level, dict) else level
    process = record.get("process")
    return Parts(
        body=extra if isinstance(extra, dict) else {},
        message=text_of(record.get("message")),
        time=record.get("time"),
        level=level_of(level, scale="text") or level_of(number, scale="python"),
        logger=logger_of(record, ("name",)),
        process=_pid(process.get("id") if isinstance(process, dict) else None),
        error=_loguru_error(record.get("exception"), obj.get("text")),
    )


def _loguru_error(exception: object, text: object) -> ErrorInfo | None:
    """Type and value of loguru's record; the traceback only stands in the rendered text."""
    if not isinstance(exception, dict):
        return None
    told = error_from_text(text) if isinstance(text, str) else None
    kind, value = exception.get("type"), exception.get("value")
    return ErrorInfo(
        key="record.exception",
        type=kind if isinstance(kind, str) else None,
        code=told.code if told else None,
        message=value if isinstance(value, str) and value else None,
        stack=told.stack if told else None,
        causes=told.causes if told else (),
    )


def _dict_traceback(chain: list[Any]) -> ErrorInfo | None:
    """structlog's `dict_tracebacks`: the raised exception first, then what it came from. Locals are left out."""
    found: list[ErrorInfo] = []
    for item in chain[:8]:
        if isinstance(item, dict) and isinstance(item.get("exc_type"), str):
            value = item.get("exc_value")
            frames = item.get("frames")
            lines = [
                f'  File "{frame.get("filename")}", line {frame.get("lineno")}, in {frame.get("name")}'
                for frame in (frames if isinstance(frames, list) else ())[:200]
                if isinstance(frame, dict)
            ]
            headline = f"{item['exc_type']}: {value}" if value else item["exc_type"]
            told = error_from_text(headline)
            found.append(
                ErrorInfo(
                    key="exception" if not found else "exception.cause",
                    type=item["exc_type"],
                    code=told.code if told else None,
                    message=value if isinstance(value, str) and value else None,
                    stack="\n".join((*lines, headline)) if lines else None,
                )
            )
    if not found:
        return None
    first, *others = found
    return ErrorInfo(first.key, first.type, first.code, None, first.message, first.stack, None, tuple(others))


def _pid(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value and not isinstance(value, bool) else None
