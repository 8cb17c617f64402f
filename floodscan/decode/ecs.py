"""Elastic Common Schema as ecs-logging prints it, dotted and nested (https://www.elastic.co/guide/en/ecs/current/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_object import error_from_value
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_text, text_of

NAME: Final = "ecs"
ORDER: Final = 60
SAMPLES: Final[tuple[str, ...]] = (
    '{"@timestamp":"2026-03-02T08:15:30.123Z","log.level":"error","message":"order query failed","ecs":{"version":'
    '"1.6.0"},"error":{"type":"OperationalError","message":"connection refused","stack_trace":"  File \\"app.py\\", '
    'line 3, in main\\n"},"log":{"logger":"orders"},"process":{"pid":71},"trace":{"id":'
    '"5b8efff798038103d269b633813fc60c"}}',
    '{"@timestamp":"2026-03-02T08:15:31.001Z","log":{"level":"info","logger":"app"},"message":"ready","ecs.version":'
    '"8.10.0"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """`log.level`, dotted or nested, or the version of the schema."""
    if "log.level" in obj or "ecs.version" in obj:
        return True
    log = obj.get("log")
    return type(log) is dict and "level" in log and "@timestamp" in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """Dotted keys go before nested ones, as ecs-logging prints the level."""
    log = _under(obj, "log")
    body = {key: value for key, value in obj.items() if key not in ("log", "ecs", "process")}
    error = _under(obj, "error")
    dotted = {key[6:]: value for key, value in obj.items() if key.startswith("error.") and value not in (None, "")}
    if dotted:
        error = {**error, **dotted}
    status = obj.get("http.response.status_code")
    return Parts(
        body=body,
        message=text_of(obj.get("message")),
        time=obj.get("@timestamp"),
        level=level_of(obj.get("log.level", log.get("level")), scale="text"),
        logger=first_text(obj, ("log.logger",)) or first_text(log, ("logger",)),
        process=_process(obj),
        error=error_from_value("error", error) if error or obj.get("error") == {} else None,
        status=status if type(status) is int else None,
    )


def _under(obj: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = obj.get(key)
    return value if isinstance(value, dict) else {}


def _process(obj: Mapping[str, Any]) -> str | None:
    pid = obj.get("process.pid", _under(obj, "process").get("pid"))
    host = obj.get("host.name", obj.get("host.hostname", _under(obj, "host").get("hostname")))
    named = [str(part) for part in (pid, host) if isinstance(part, str | int) and part]
    return "@".join(named) or None
