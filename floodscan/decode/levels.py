"""Severity, from every scale that loggers print it in, to the six levels of the model."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final, Literal

from floodscan.model import LEVELS, Level
from floodscan.regex import regex

Scale = Literal["pino", "python", "syslog", "otel", "text"]
"""What a bare number means: 40 is a warning to pino and an error to Python; 3 is an error to syslog."""

_BY_NAME: Final[dict[Level, str]] = {
    "trace": "trace trc trce t verbose silly finest finer v all",
    "debug": "debug debu dbg dbug d fine debug1 debug2 debug3 debug4 debug5",
    "info": "info inf i information informational notice note n log success succ ok http default config hint statement "
    "none status",
    "warn": "warn warning wrn w warni alert_warning",
    "error": "error err erro eror e failure fail severe exception",
    "fatal": "fatal fata ftl f critical crit c panic pan dpanic emergency emerg alert alrt a disaster",
}
_NAMES: Final[dict[str, Level]] = {
    form: level
    for level, names in _BY_NAME.items()
    for name in names.split()
    for form in (name, name.upper(), name.capitalize())
}

_ANSI = regex(r"\x1b\[[0-9;]*m")
_SLOG = regex(r"(DEBUG|INFO|WARN|ERROR)([+-]\d{1,4})\Z")
_SLOG_BASE: Final = {"DEBUG": -4, "INFO": 0, "WARN": 4, "ERROR": 8}

# Where each level above `trace` begins, per scale. Between two named numbers the lower name holds, as the loggers
# themselves say of custom levels (pino 35 is still info).
_STARTS: Final[dict[str, tuple[int, ...]]] = {
    "pino": (20, 30, 40, 50, 60),
    "python": (10, 20, 30, 40, 50),
    "otel": (5, 9, 13, 17, 21),
    "slog": (-4, 0, 4, 8, 12),
}
_SYSLOG: Final[tuple[Level, ...]] = ("fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug")
_LOG4J_UNIT = 1000
"""log4j and logback count in thousands (40000 is ERROR); no other scale reaches that far."""
_LONGEST_NAME = 40


def level_of(value: object, *, scale: Scale = "pino") -> Level | None:
    """The level that `value` (a number, a numeric string, a name in any case, a list with a name in it) stands for.

    `scale` settles what a bare number means; with `text` numbers mean nothing. None where it names no level.
    """
    if type(value) is str:
        return _NAMES.get(value) or _from_text(value, scale)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return _from_number(value, scale)
    if isinstance(value, float):
        return _from_number(int(value), scale) if value == value and abs(value) < 1e6 else None
    if isinstance(value, list | tuple):
        names = (item for item in value[:8] if isinstance(item, str))
        return next((level for name in names if (level := _from_text(name, "text"))), None)
    if isinstance(value, Mapping):
        return level_of(value.get("name") or value.get("levelStr"), scale="text")
    return None


def _from_text(value: str, scale: Scale) -> Level | None:
    if not value or len(value) > _LONGEST_NAME:
        return None
    text = _ANSI.sub("", value).strip(" \t\r\n[]()<>:|")
    level = _NAMES.get(text.lower())
    if level is not None:
        return level
    if text.isascii() and text.isdigit():
        return _from_number(int(text), scale)
    slog = _SLOG.match(text)
    return _step(_SLOG_BASE[slog[1]] + int(slog[2]), "slog") if slog else None


def _from_number(number: int, scale: Scale) -> Level | None:
    if scale == "text" or number < 0 or (number == 0 and scale != "syslog"):
        return None
    if scale == "syslog":
        return _SYSLOG[number] if number < len(_SYSLOG) else None
    if number >= 5 * _LOG4J_UNIT and number % _LOG4J_UNIT == 0:
        number, scale = number // _LOG4J_UNIT, "python"
    return _step(number, scale)


def _step(number: int, scale: str) -> Level:
    return LEVELS[bisect_right(_STARTS[scale], number)]
