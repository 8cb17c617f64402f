"""Times, from every form that loggers print them in, to whole milliseconds. Integers only; nothing depends on today."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from floodscan.decode.odd_times import day_of_year, days_from_civil, odd_time, zone_ms
from floodscan.regex import regex

DAY_MS: Final = 86_400_000

# A bare number says its unit by its size: each unit then covers the years 1973 to 5138.
_SECONDS_FROM: Final = 10**8
_MILLIS_FROM: Final = 10**11
_MICROS_FROM: Final = 10**14
_NANOS_FROM: Final = 10**17
_ABSURD_FROM: Final = 10**20
_LONGEST = 80


class Instant(NamedTuple):
    """A point in time as a log shows it."""

    ms: int
    """Milliseconds since the epoch (UTC); where `dated` is False, since the start of an unknown day or year."""
    dated: bool
    subsecond: bool
    """False where the clock shows whole seconds only."""


def parse_time(value: object, *, utc_offset_ms: int = 0) -> Instant | None:
    """Read a time from a number (s, ms, us or ns by magnitude), a text in any usual form, or a `{"$date": ...}`.

    `utc_offset_ms` is the zone of dated texts that name none: local minus UTC, in milliseconds. Texts without a year
    or a date give `dated=False` and are left as they stand. None where it is no time.
    """
    if type(value) is int:
        return _from_int(value)
    if isinstance(value, str):
        return _from_text(value, utc_offset_ms)
    if isinstance(value, float):
        return _from_float(value)
    if isinstance(value, Mapping):
        return _from_mapping(value, utc_offset_ms)
    return None


def _from_int(number: int) -> Instant | None:
    if _MILLIS_FROM <= number < _MICROS_FROM:
        return Instant(number, True, True)
    if number < _SECONDS_FROM or number >= _ABSURD_FROM:
        return None
    if number < _MILLIS_FROM:
        return Instant(number * 1000, True, False)
    return Instant(number // (1000 if number < _NANOS_FROM else 1_000_000), True, True)


def _from_float(number: float) -> Instant | None:
    if not _SECONDS_FROM <= number < _ABSURD_FROM:  # also false for NaN
        return None
    if number >= _MILLIS_FROM:
        return _from_int(int(number))
    # Exact ratio, rounded to the microsecond: 1700000000.123 is stored a hair below .123.
    top, bottom = number.as_integer_ratio()
    micros = (top * 2_000_000 + bottom) // (2 * bottom)
    return Instant(micros // 1000, True, micros % 1_000_000 != 0)


def _from_mapping(value: Mapping[str, object], utc_offset_ms: int) -> Instant | None:
    inner = value.get("$date", value.get("$numberLong", value.get("timestamp")))
    if inner is not None and not (isinstance(inner, Mapping) and ("$date" in inner or "timestamp" in inner)):
        return parse_time(inner, utc_offset_ms=utc_offset_ms)
    seconds, nanos = value.get("seconds"), value.get("nanos", 0)  # google.protobuf.Timestamp
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 12:
        seconds = int(seconds)
    if type(seconds) is int and type(nanos) is int and _SECONDS_FROM <= seconds < _MILLIS_FROM:
        return Instant(seconds * 1000 + nanos // 1_000_000, True, nanos != 0)
    return None


# ---------------------------------------------------------------- texts

_DIGITS = regex(r"\d{9,20}\Z", re.ASCII)
_DECIMAL = regex(r"(\d{9,11})\.(\d{1,12})\Z", re.ASCII)
_ISO = regex(
    r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})[Tt ,_]{1,2}(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,](\d{1,12}))?"
    r"[ ]?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?: ?\[[\w/+-]{1,40}\]| [A-Z]{2,5})?(?: m=\S{1,30})?\Z",
    re.ASCII,
)
_CLOCK = regex(r"(\d{1,2}):(\d{2}):(\d{2})(?:[.,:](\d{1,9}))?(?: ?([AaPp])\.?[Mm]\.?)?\Z", re.ASCII)
_KLOG = regex(r"(\d{2})(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?\Z", re.ASCII)


def _from_text(text: str, utc_offset_ms: int) -> Instant | None:
    if len(text) >= 19 and text[4:5] in "-/" and text[7:8] in "-/" and text[13:14] == ":":
        fast = _iso(text, utc_offset_ms)
        if fast is not None:
            return fast
    text = text.strip().strip("[]")
    if not 5 <= len(text) <= _LONGEST:
        return None
    return _any_text(text, utc_offset_ms)


def _iso(text: str, utc_offset_ms: int) -> Instant | None:
    """`2026-11-23T01:50:33` and what follows it, by slices: the second is memoised, the tail is cheap."""
    second = _second(text[:19])
    if second is None:
        return None
    tail = text[19:]
    if not tail:
        return Instant(second - utc_offset_ms, True, False)
    if tail == "Z":
        return Instant(second, True, False)
    zoned = tail[-1] == "Z"
    fraction = tail[1:-1] if zoned else tail[1:]
    if tail[0] in ".," and len(fraction) <= 12 and fraction.isdigit() and fraction.isascii():
        return Instant(second + int((fraction + "00")[:3]) - (0 if zoned else utc_offset_ms), True, True)
    return None


@lru_cache(maxsize=4096)
def _second(text: str) -> int | None:
    """Milliseconds of `YYYY-MM-DD?HH:MM:SS` read as UTC, or None where it isn't one."""
    match = _ISO.match(text)
    return _civil_ms(*match.group(1, 2, 3, 4, 5, 6)) if match and match[6] else None


@lru_cache(maxsize=4096)
def _any_text(text: str, utc_offset_ms: int) -> Instant | None:
    if _DIGITS.match(text):
        return _from_int(int(text))
    decimal = _DECIMAL.match(text)
    if decimal:
        whole = _from_int(int(decimal[1]))
        return Instant(whole.ms + _millis(decimal[2]), True, int(decimal[2]) != 0) if whole else None
    iso = _ISO.match(text)
    if iso:
        ms = _civil_ms(*iso.group(1, 2, 3, 4, 5, 6))
        return (
            ms
            if ms is None
            else Instant(
                ms + _millis(iso[7]) - (zone_ms(iso[8]) if iso[8] else utc_offset_ms), True, iso[7] is not None
            )
        )
    clock = _CLOCK.match(text)
    if clock:
        return _time_of_day(clock)
    klog = _KLOG.match(text)
    if klog:
        day = day_of_year(int(klog[1]), int(klog[2]))
        tod = _tod_ms(int(klog[3]), int(klog[4]), int(klog[5]))
        return (
            None
            if day is None or tod is None
            else Instant(day * DAY_MS + tod + _millis(klog[6]), False, klog[6] is not None)
        )
    odd = odd_time(text)
    if odd is None:
        return None
    shift = utc_offset_ms if odd.dated and not odd.zoned else 0
    return Instant(odd.ms - shift, odd.dated, odd.subsecond)


def _time_of_day(match: re.Match[str]) -> Instant | None:
    hour = int(match[1])
    if match[5]:
        hour = hour % 12 + (12 if match[5] in "Pp" else 0)
    tod = _tod_ms(hour, int(match[2]), int(match[3]))
    return None if tod is None else Instant(tod + _millis(match[4]), False, match[4] is not None)


def _civil_ms(year: str, month: str, day: str, hour: str, minute: str, second: str | None) -> int | None:
    days = days_from_civil(int(year), int(month), int(day))
    tod = _tod_ms(int(hour), int(minute), int(second or 0))
    return None if days is None or tod is None else days * DAY_MS + tod


def _tod_ms(hour: int, minute: int, second: int) -> int | None:
    """Milliseconds since midnight; 24:00:00 and a leap second are times too."""
    if hour > 24 or minute > 59 or second > 60:
        return None
    return (hour * 3600 + minute * 60 + second) * 1000


def _millis(fraction: str | None) -> int:
    return int((fraction + "00")[:3]) if fraction else 0
