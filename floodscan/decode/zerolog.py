"""rs/zerolog: `level`, `time` (RFC 3339 or a Unix number), `message`, `error`; `stack` as a list of frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.error_object import error_from_value
from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, logger_of, text_of

NAME: Final = "zerolog"
ORDER: Final = 130
SAMPLES: Final[tuple[str, ...]] = (
    '{"level":"error","error":"dial tcp 10.0.3.9:5432: connect: connection refused","stack":[{"func":"query","line":'
    '"42","source":"db.go"}],"time":"2026-03-02T08:15:30Z","caller":"/src/db.go:42","message":"query failed"}',
    '{"level":"info","service":"orders","time":1772439330,"message":"ready"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """A level in words with `time` and `message`; winston would say `timestamp`."""
    return isinstance(obj.get("level"), str) and "time" in obj and "message" in obj and "timestamp" not in obj


def decode(obj: Mapping[str, Any]) -> Parts:
    """Stack frames are objects here: they are told as lines."""
    frames, error = obj.get("stack"), obj.get("error")
    info = None
    if isinstance(frames, list) and isinstance(error, str) and error:
        lines = [
            f"    at {frame.get('func')} ({frame.get('source')}:{frame.get('line')})"
            for frame in frames[:200]
            if isinstance(frame, dict)
        ]
        if lines:
            info = error_from_value("error", {"message": error, "stack": "\n".join((error, *lines))})
    return Parts(
        body=obj,
        message=text_of(obj.get("message")),
        time=obj.get("time"),
        level=level_of(obj.get("level"), scale="text"),
        logger=logger_of(obj, ("logger", "component", "module")),
        error=info,
    )
