"""Go's log/slog JSONHandler: RFC 3339 nanoseconds in `time`, levels in capitals (`ERROR+2`), `msg`; groups nest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, logger_of, text_of

NAME: Final = "slog"
ORDER: Final = 110
SAMPLES: Final[tuple[str, ...]] = (
    '{"time":"2026-03-02T08:15:30.123456789Z","level":"ERROR","msg":"query failed","err":"dial tcp 10.0.3.9:5432: '
    'connect: connection refused","attempt":3}',
    '{"time":"2026-03-02T08:15:31.5+01:00","level":"WARN+2","source":{"function":"main.main","file":"main.go","line":9},'
    '"msg":"slow"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """A level in capitals beside `msg` and a textual `time`."""
    level = obj.get("level")
    return isinstance(level, str) and level.isupper() and "msg" in obj and isinstance(obj.get("time"), str)


def decode(obj: Mapping[str, Any]) -> Parts:
    """Attributes stand at the top level under the application's own keys."""
    return Parts(
        body=obj,
        message=text_of(obj.get("msg")),
        time=obj.get("time"),
        level=level_of(obj.get("level"), scale="text"),
        logger=logger_of(obj, ("logger", "component", "module")),
    )
