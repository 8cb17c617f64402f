"""Bunyan: numeric levels, ISO time, `v` and `name` on every line (https://github.com/trentm/node-bunyan)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, logger_of, process_of, text_of

NAME: Final = "bunyan"
ORDER: Final = 10
SAMPLES: Final[tuple[str, ...]] = (
    '{"name":"orders","hostname":"ip-10-0-3-7","pid":2411,"level":50,"err":{"message":"connect ECONNREFUSED '
    '10.0.3.9:5432","name":"Error","stack":"Error: connect ECONNREFUSED 10.0.3.9:5432\\n    at '
    'TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)","code":"ECONNREFUSED"},"msg":"order query failed",'
    '"time":"2026-03-02T08:15:30.123Z","v":0}',
    '{"name":"orders","hostname":"ip-10-0-3-7","pid":2411,"component":"pool","level":30,"msg":"pool ready",'
    '"time":"2026-03-02T08:15:29.001Z","v":0}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """`v` is what pino dropped in its version 7 and bunyan never will."""
    return "v" in obj and type(obj.get("level")) is int and "name" in obj and isinstance(obj.get("time"), str)


def decode(obj: Mapping[str, Any]) -> Parts:
    """A child logger's `component` says more than the process-wide `name`."""
    return Parts(
        body=obj,
        message=text_of(obj.get("msg")),
        time=obj.get("time"),
        level=level_of(obj.get("level")),
        logger=logger_of(obj, ("component", "widget_type", "name")),
        process=process_of(obj),
    )
