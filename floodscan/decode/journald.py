"""The systemd journal as `journalctl -o json` prints it: upper-case fields, all values strings.

Fields: https://www.freedesktop.org/software/systemd/man/systemd.journal-fields.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts

NAME: Final = "journald"
ORDER: Final = 40
SAMPLES: Final[tuple[str, ...]] = (
    '{"__REALTIME_TIMESTAMP":"1772439330123456","PRIORITY":"3","_SYSTEMD_UNIT":"api.service","_PID":"2411","_HOSTNAME":'
    '"web-2","SYSLOG_IDENTIFIER":"api","MESSAGE":"Error: connect ECONNREFUSED 127.0.0.1:6379"}',
    '{"__REALTIME_TIMESTAMP":"1772439331000000","PRIORITY":"6","SYSLOG_IDENTIFIER":"api","MESSAGE":[104,105,27,91,109]}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """The journal's own clock, or a message in capitals with a syslog priority."""
    return "__REALTIME_TIMESTAMP" in obj or ("MESSAGE" in obj and ("PRIORITY" in obj or "_SYSTEMD_UNIT" in obj))


def decode(obj: Mapping[str, Any]) -> Parts:
    """Ids and errors are looked for in the message alone: the other fields describe the machine."""
    fields = {key: obj[key] for key in ("ERRNO", "INVOCATION_ID", "USER_ID") if key in obj}
    return Parts(
        body=fields,
        message=inner_text(obj),
        time=obj.get("_SOURCE_REALTIME_TIMESTAMP") or obj.get("__REALTIME_TIMESTAMP"),
        level=level_of(obj.get("PRIORITY"), scale="syslog"),
        logger=_text(obj.get("_SYSTEMD_UNIT")) or _text(obj.get("SYSLOG_IDENTIFIER")),
        process=_process(obj),
    )


def inner_text(obj: Mapping[str, Any]) -> str | None:
    """The MESSAGE: a text, bytes as numbers where it is unprintable, a list of either; None where it was too long."""
    value = obj.get("MESSAGE")
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    if value and all(type(item) is int and 0 <= item <= 255 for item in value):
        return bytes(value).decode("utf-8", "replace")
    texts = (item if isinstance(item, str) else inner_text({"MESSAGE": item}) for item in value[:64] if item)
    return "\n".join(text for text in texts if text) or None


def _process(obj: Mapping[str, Any]) -> str | None:
    pid, host = _text(obj.get("_PID")) or _text(obj.get("SYSLOG_PID")), _text(obj.get("_HOSTNAME"))
    return "@".join(part for part in (pid, host) if part) or None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
