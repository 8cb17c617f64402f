"""logrus' JSONFormatter: `level`, `msg` and an RFC 3339 `time` of whole seconds; errors are texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, logger_of, text_of

NAME: Final = "logrus"
ORDER: Final = 120
SAMPLES: Final[tuple[str, ...]] = (
    '{"error":"dial tcp 10.0.3.9:5432: connect: connection refused","level":"error","msg":"query failed","time":'
    '"2026-03-02T08:15:30Z"}',
    '{"component":"pool","level":"warning","msg":"pool exhausted","time":"2026-03-02T09:15:31+01:00"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """A level in words beside `msg` and a textual `time`, without pino's process fields."""
    return (
        isinstance(obj.get("level"), str)
        and "msg" in obj
        and isinstance(obj.get("time"), str)
        and not ("pid" in obj and "hostname" in obj)
    )


def decode(obj: Mapping[str, Any]) -> Parts:
    """Fields stand at the top level under the application's own keys."""
    return Parts(
        body=obj,
        message=text_of(obj.get("msg")),
        time=obj.get("time"),
        level=level_of(obj.get("level"), scale="text"),
        logger=logger_of(obj, ("logger", "component", "module", "prefix")),
    )
