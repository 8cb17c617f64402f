"""Uber's zap, production encoder: `ts` in float seconds, `caller`, `error` beside the log statement's `stacktrace`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_value, logger_of, text_of

NAME: Final = "zap"
ORDER: Final = 100
SAMPLES: Final[tuple[str, ...]] = (
    '{"level":"error","ts":1772439330.1234567,"logger":"orders","caller":"db/pool.go:42","msg":"query failed","error":'
    '"dial tcp 10.0.3.9:5432: connect: connection refused","stacktrace":"main.main\\n\\t/src/main.go:17"}',
    '{"level":"info","ts":"2026-03-02T08:15:30.123Z","caller":"http/serve.go:9","msg":"listening","addr":":8080"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """`ts` with a level and zap's `caller`, `logger` or `msg`."""
    if "ts" not in obj or "level" not in obj:
        return False
    return "msg" in obj or "caller" in obj or "logger" in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """Messages are fixed texts by habit; what went wrong is in `error`."""
    return Parts(
        body=obj,
        message=text_of(first_value(obj, ("msg", "message"))),
        time=obj.get("ts"),
        level=level_of(obj.get("level"), scale="text"),
        logger=logger_of(obj, ("logger", "component")),
    )
