"""Carriers that are JSON themselves: docker's json-file and `journalctl -o json`."""

from __future__ import annotations

from typing import Any, Final

import orjson

from floodscan.read.wrapped import Wrapped

_SPLIT_AT: Final = 16_384
"""Bytes at which docker cuts a line; a shorter one without a newline is the last that a process printed."""
_REALTIME: Final = "__REALTIME_TIMESTAMP"


def docker_json(text: str) -> Wrapped | None:
    """`{"log":"...\\n","stream":"stdout","time":"..."}`; a part of a line where `log` is long and has no newline."""
    if not text.startswith('{"log":') or '"time":' not in text:
        return None
    fields = _object(text)
    if fields is None or not isinstance(fields.get("log"), str) or not isinstance(fields.get("time"), str):
        return None
    if not fields.keys() <= {"log", "stream", "time", "attrs"}:
        return None
    log, stream, attrs = fields["log"], fields.get("stream"), fields.get("attrs")
    tag = attrs.get("tag") if isinstance(attrs, dict) else None
    return Wrapped(
        log.rstrip("\r\n"),
        service=tag if isinstance(tag, str) and tag else None,
        stream=stream if isinstance(stream, str) else None,
        clock=fields["time"],
        part="more" if not log.endswith("\n") and len(log.encode("utf-8", "replace")) >= _SPLIT_AT else "last",
    )


def journald_json(text: str) -> Wrapped | None:
    """One entry of `journalctl -o json`: MESSAGE is a text, an array of bytes where it isn't printable, or null."""
    if '"MESSAGE"' not in text or f'"{_REALTIME}"' not in text:
        return None
    fields = _object(text)
    if fields is None:
        return None
    clock, priority, pid = _text(fields.get(_REALTIME)), _text(fields.get("PRIORITY")), _text(fields.get("_PID"))
    service = next((name for key in _NAMES if (name := _text(fields.get(key)))), None)
    host = _text(fields.get("_HOSTNAME"))
    return Wrapped(
        _message(fields.get("MESSAGE")),
        service=service,
        stream=pid,
        clock=clock,
        severity=int(priority) if priority and priority in "01234567" else None,
        process=f"{pid}@{host}" if pid and host else pid or host,
    )


_NAMES: Final = ("_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_COMM")


def _message(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        if value and all(type(item) is int and 0 <= item < 256 for item in value):
            return bytes(value).decode("utf-8", "replace")
        return "\n".join(_message(item) for item in value if isinstance(item, str))
    return "" if value is None else str(value)


def _text(value: object) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        fields = orjson.loads(text)
    except ValueError:  # also a lone surrogate's UnicodeEncodeError
        return None
    return fields if isinstance(fields, dict) else None
