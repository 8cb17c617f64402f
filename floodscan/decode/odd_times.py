"""Dates with month names, locale dates, and whatever only dateutil can read: the slow end of `times.parse_time`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from floodscan.regex import regex

_DAY_MS: Final = 86_400_000
_EPOCH_ORDINAL: Final = 719_163
"""`datetime(1970, 1, 1).toordinal()`."""
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class OddTime(NamedTuple):
    """Milliseconds as printed; `zoned` where its zone was named and has been applied."""

    ms: int
    dated: bool
    subsecond: bool
    zoned: bool


# Month names as `date` and syslog print them in these languages (English, Italian, German, French,
# Spanish, Portuguese, Dutch), by their first letters.
_MONTH_NAMES: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "jan gen ene janv", "feb fév fev févr", "mar mär mrz mrt mars", "apr abr avr", "may mai mag mei maj",
            "jun giu juin", "jul lug juil", "aug ago aoû août", "sep set sept", "oct ott okt out", "nov",
            "dec dic dez déc",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_MONTH = r"([^\W\d_]{3,5})\.?"
_TIME = r"(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?"
_ZONE = r"(?: ?(Z|UTC|GMT)?([+-]\d{2}:?\d{2})?)"
_APACHE = regex(rf"(\d{{1,2}})/{_MONTH}/(\d{{4}}):{_TIME}{_ZONE}\Z")
_SYSLOG = regex(
    rf"(?:[^\W\d_]{{3}},? )?{_MONTH} {{1,2}}(\d{{1,2}})(?:,? (\d{{4}}))?,? {_TIME}(?: (\d{{4}}))?{_ZONE}(?: \(.*\))?\Z"
)
_RFC2822 = regex(rf"(?:[^\W\d_]{{3}},? )?(\d{{1,2}})[ -]{_MONTH}[ -](\d{{4}}),? {_TIME}{_ZONE}(?: \(.*\))?\Z")
_LOCALE = regex(rf"(\d{{1,2}})([/.])(\d{{1,2}})[/.](\d{{4}}),? {{1,2}}{_TIME}(?: ?([AaPp])\.?[Mm]\.?)?\Z")
_PLAUSIBLE = regex(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def odd_time(text: str) -> OddTime | None:
    """Read a date with a month name, a locale date, or anything else that names a whole date; None where it doesn't."""
    syslog = _SYSLOG.match(text)
    if syslog:
        name, day, year_before, hour, minute, second, fraction, year_after, utc, offset = syslog.groups()
        return _build(year_before or year_after, _month(name), day, (hour, minute, second, fraction), utc, offset)
    for pattern in (_APACHE, _RFC2822):
        match = pattern.match(text)
        if match:
            day, name, year, hour, minute, second, fraction, utc, offset = match.groups()
            return _build(year, _month(name), day, (hour, minute, second, fraction), utc, offset)
    locale = _LOCALE.match(text)
    if locale:
        return _locale(locale)
    return _by_dateutil(text)


def _locale(match: re.Match[str]) -> OddTime | None:
    """`1/23/2026, 9:38:10 AM` is American; without AM/PM, and with dots, the day comes first unless it can't."""
    first, separator, second_number, year, hour, minute, second, fraction, half = match.groups()
    day, month = first, second_number
    if (half and separator == "/" and int(first) <= 12) or int(second_number) > 12:
        day, month = second_number, first
    if half:
        hour = str(int(hour) % 12 + (12 if half in "Pp" else 0))
    return _build(year, int(month), day, (hour, minute, second, fraction), None, None)


def _build(
    year: str | None,
    month: int | None,
    day: str,
    clock: tuple[str, str, str, str | None],
    utc: str | None,
    offset: str | None,
) -> OddTime | None:
    if month is None:
        return None
    days = days_from_civil(int(year), month, int(day)) if year else day_of_year(month, int(day))
    hour, minute, second, fraction = clock
    if days is None or int(hour) > 24 or int(minute) > 59 or int(second) > 60:
        return None
    ms = days * _DAY_MS + (int(hour) * 3600 + int(minute) * 60 + int(second)) * 1000
    ms += int((fraction + "00")[:3]) if fraction else 0
    zoned = bool(utc or offset) and year is not None
    return OddTime(ms - (zone_ms(offset) if offset and zoned else 0), year is not None, fraction is not None, zoned)


def _by_dateutil(text: str) -> OddTime | None:
    """The last resort. Read twice with two far defaults: what differs was taken from the default, not from the text."""
    if not _PLAUSIBLE.search(text):
        return None
    from dateutil import parser as dateutil_parser  # few logs have such times, and it imports much

    read = []
    for default in (datetime(1992, 2, 3, 4, 5, 6), datetime(2004, 11, 25, 17, 48, 59)):
        try:
            # The callable keeps zone names of this machine out: only offsets that the text spells are used.
            read.append(dateutil_parser.parse(text, default=default, tzinfos=lambda _name, offset: offset))
        except Exception:  # noqa: BLE001 - dateutil raises many kinds on hostile text
            return None
    if read[0] != read[1] or (read[0].tzinfo is None) != (read[1].tzinfo is None):
        return None
    moment = read[0]
    offset = moment.utcoffset()
    ms = (moment.toordinal() - _EPOCH_ORDINAL) * _DAY_MS
    ms += (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000 + moment.microsecond // 1000
    shift = 0 if offset is None else (offset.days * 86_400 + offset.seconds) * 1000
    return OddTime(ms - shift, True, moment.microsecond != 0, offset is not None)


def _month(name: str) -> int | None:
    lower = name.lower()
    return _MONTH_NAMES.get(lower) or _MONTH_NAMES.get(lower[:4]) or _MONTH_NAMES.get(lower[:3])


def days_from_civil(year: int, month: int, day: int) -> int | None:
    """Days from the epoch to a date; None where there is no such date."""
    try:
        return datetime(year, month, day).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        return None


def day_of_year(month: int, day: int) -> int | None:
    """Days before `month`/`day` in a year of 366 days, so that the order of days holds in every year."""
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1]:
        return None
    return sum(_MONTH_DAYS[: month - 1]) + day - 1


def zone_ms(zone: str) -> int:
    """Milliseconds that a zone such as `+0800`, `-03:00`, `+02` or `Z` is ahead of UTC."""
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    ms = (int(digits[:2]) * 60 + int(digits[2:] or 0)) * 60_000
    return -ms if zone[0] == "-" else ms
