"""Times as loggers print them, and the levels beside them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodscan.decode.levels import level_of
from floodscan.decode.times import Instant, parse_time

HOUR = 3_600_000


def at(year: int, month: int, day: int, hour: int, minute: int, second: int, *, ms: int = 0) -> int:
    """Milliseconds of a UTC date, by the standard library."""
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) + ms


@pytest.mark.parametrize(
    ("value", "subsecond"),
    [
        (1795398633, False),
        (1795398633000, True),
        (1795398633000000, True),
        (1795398633000000000, True),
        (1795398633.0, False),
        ("1795398633", False),
        ("1795398633000000000", True),
    ],
)
def test_a_bare_number_says_its_unit_by_its_size(value: object, subsecond: bool) -> None:
    assert parse_time(value) == Instant(at(2026, 11, 23, 1, 50, 33), True, subsecond)


@pytest.mark.parametrize("value", [0, 5, -1, 10**21, 1e300, float("nan"), float("inf"), True, None, "", "12", [], b"1"])
def test_an_absurd_number_is_no_time(value: object) -> None:
    assert parse_time(value) is None


def test_a_float_in_seconds_keeps_the_millisecond_that_was_printed() -> None:
    assert parse_time(1700000000.123) == Instant(1700000000123, True, True)
    assert parse_time("1609337550.148") == Instant(1609337550148, True, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T01:50:33Z", Instant(at(2026, 11, 23, 1, 50, 33), True, False)),
        ("2026-11-23T01:50:33.613Z", Instant(at(2026, 11, 23, 1, 50, 33, ms=613), True, True)),
        ("2026-11-23T01:50:33.6Z", Instant(at(2026, 11, 23, 1, 50, 33, ms=600), True, True)),
        ("2026-11-23T01:50:33.645880504Z", Instant(at(2026, 11, 23, 1, 50, 33, ms=645), True, True)),
        ("2026-11-23T01:50:33.1234567Z", Instant(at(2026, 11, 23, 1, 50, 33, ms=123), True, True)),
        ("2026-11-23 01:50:33,123", Instant(at(2026, 11, 23, 1, 50, 33, ms=123), True, True)),
        ("2026-11-23 09:11:24.798 Z", Instant(at(2026, 11, 23, 9, 11, 24, ms=798), True, True)),
        ("2026-11-23T01:50:33+0800", Instant(at(2026, 11, 22, 17, 50, 33), True, False)),
        ("2026-11-23 01:50:33.5 +02:00", Instant(at(2026, 11, 22, 23, 50, 33, ms=500), True, True)),
        ("2026-11-23 01:50:33-03:30", Instant(at(2026, 11, 23, 5, 20, 33), True, False)),
        ("2024-04-16 15:03:28.123456 +0000 UTC m=+0.0003", Instant(at(2024, 4, 16, 15, 3, 28, ms=123), True, True)),
        ("20261123T015033Z", Instant(at(2026, 11, 23, 1, 50, 33), True, False)),
        ("2026/11/23 01:50:33", Instant(at(2026, 11, 23, 1, 50, 33), True, False)),
        ("10/Oct/2000:13:55:36 -0700", Instant(at(2000, 10, 10, 20, 55, 36), True, False)),
        ("Fri, 23 Jan 2026 09:38:10 -0300", Instant(at(2026, 1, 23, 12, 38, 10), True, False)),
        ("Fri Jan 23 2026 09:38:10 GMT-0300 (Hora est\u00e1ndar)", Instant(at(2026, 1, 23, 12, 38, 10), True, False)),
        ("Sun Dec 04 04:47:44 2005", Instant(at(2005, 12, 4, 4, 47, 44), True, False)),
        ("1/23/2026, 9:38:10 PM", Instant(at(2026, 1, 23, 21, 38, 10), True, False)),
        ("23/01/2026, 09:38:10", Instant(at(2026, 1, 23, 9, 38, 10), True, False)),
        ("23.01.2026 09:38:10", Instant(at(2026, 1, 23, 9, 38, 10), True, False)),
        ("January 5, 2026 at 3:04:05 PM UTC", Instant(at(2026, 1, 5, 15, 4, 5), True, False)),
    ],
)
def test_every_usual_form_of_a_date_is_read(text: str, expected: Instant) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("01:50:33", Instant(6_633_000, False, False)),
        ("01:50:33.123", Instant(6_633_123, False, True)),
        ("9:50:33 PM", Instant(78_633_000, False, False)),
        ("Jan  2 00:00:01", Instant(86_401_000, False, False)),
        ("gen 02 00:00:01", Instant(86_401_000, False, False)),
        ("0102 00:00:01.500000", Instant(86_401_500, False, True)),
    ],
)
def test_a_time_without_a_year_has_no_date_but_keeps_the_order_of_days(text: str, expected: Instant) -> None:
    assert parse_time(text) == expected


def test_february_29_stands_between_its_neighbours_though_the_year_is_unknown() -> None:
    days = [parse_time(f"{day} 12:00:00") for day in ("Feb 28", "Feb 29", "Mar  1")]
    gaps = [b.ms - a.ms for a, b in zip(days, days[1:], strict=False) if a and b]
    assert gaps == [24 * HOUR, 24 * HOUR]


def test_the_zone_that_is_given_applies_to_texts_that_name_none_and_to_no_others() -> None:
    plain = parse_time("2026-11-23 01:50:33", utc_offset_ms=2 * HOUR)
    assert plain is not None and plain.ms == at(2026, 11, 22, 23, 50, 33)
    for zoned in ("2026-11-23T01:50:33Z", "2026-11-23T03:50:33+02:00", "Mon, 23 Nov 2026 01:50:33 GMT", 1795398633):
        instant = parse_time(zoned, utc_offset_ms=2 * HOUR)
        assert instant is not None and instant.ms == at(2026, 11, 23, 1, 50, 33), zoned
    undated = parse_time("01:50:33", utc_offset_ms=2 * HOUR)
    assert undated is not None and undated.ms == 6_633_000


@pytest.mark.parametrize(
    "value",
    [
        {"$date": "2026-11-23T01:50:33Z"},
        {"$date": 1795398633000},
        {"$date": {"$numberLong": "1795398633000"}},
        {"seconds": 1795398633, "nanos": 0},
        {"repr": "2026-11-23 01:50:33+00:00", "timestamp": 1795398633.0},
    ],
)
def test_times_inside_objects_are_read(value: object) -> None:
    instant = parse_time(value)
    assert instant is not None and instant.ms == at(2026, 11, 23, 1, 50, 33)


@pytest.mark.parametrize(
    "text", ["2026-13-01T00:00:00Z", "2026-02-30 10:00:00", "hello 2026", "3 Jan 2026", "25:00:00", "12:61:00", "noon"]
)
def test_what_is_no_whole_time_is_none(text: str) -> None:
    assert parse_time(text) is None


def test_nothing_is_taken_from_today() -> None:
    # dateutil would fill the year of the clock into each of these.
    assert [parse_time(text) for text in ("10 o'clock 2026", "March 5th at noon", "Tuesday 10:15")] == [None] * 3


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12 * 4, 14 * 4))
def test_iso_is_read_as_the_standard_library_reads_it(moment: datetime, quarters: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    exact = (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    for separator in ("T", " "):
        instant = parse_time(zoned.isoformat(sep=separator))
        assert instant is not None and instant.ms == exact


@given(st.one_of(st.text(max_size=40), st.integers(), st.floats(), st.binary(max_size=8)))
def test_no_value_breaks_the_parser(value: object) -> None:
    first = parse_time(value)
    assert parse_time(value) == first


def test_long_texts_cost_nothing() -> None:
    started = time.perf_counter()
    for text in ("1" * 100_000, "2026-" * 20_000, " " * 100_000, "12:" * 33_000):
        assert parse_time(text) is None
    assert time.perf_counter() - started < 0.2


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (10, "trace"), (20, "debug"), (30, "info"), (35, "info"), (40, "warn"), (50, "error"), (51, "error"),
        (60, "fatal"), ("warning", "warn"), ("ERR", "error"), ("crit", "fatal"), ("NOTICE", "info"),
        ("SEVERE", "error"), ("dpanic", "fatal"), ("I", "info"), ("E", "error"), ("DEFAULT", "info"),
        ("EMERGENCY", "fatal"), ("ERROR+2", "error"), ("DEBUG-4", "trace"), ("\x1b[31merror\x1b[39m", "error"),
        ("[WARN]", "warn"), (["api", "error"], "error"), ({"level": 40000, "levelStr": "ERROR"}, "error"),
        ("40", "warn"), (0, None), ("", None), ("noise", None), (None, None), (True, None), ("x" * 10_000, None),
    ],
)  # fmt: skip
def test_a_level_is_read_by_name_or_number(value: object, level: str | None) -> None:
    assert level_of(value) == level


def test_the_same_number_means_what_its_family_says() -> None:
    assert level_of(40, scale="pino") == "warn"
    assert level_of(40, scale="python") == "error"
    assert level_of(10, scale="otel") == "info"
    assert level_of("3", scale="syslog") == "error"
    assert level_of(0, scale="syslog") == "fatal"
    assert level_of(3, scale="text") is None
