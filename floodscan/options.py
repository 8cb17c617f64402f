"""Option values as they are typed, and the values that they stand for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from floodscan.errors import UsageError
from floodscan.regex import regex

if TYPE_CHECKING:
    from floodscan.engines import Engine
    from floodscan.pipeline import ScanOptions

OFFSET = regex(r"([+-])(\d\d):?(\d\d)$")
CLOCK = regex(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?$")
FROM_NOW = regex(
    r"[+-]?(?:\d{1,9}(?:[.,]\d{1,9})? ?[a-z]{1,12} ?){1,6}(?:ago)?|now|today|yesterday|tomorrow", re.IGNORECASE | re.ASCII
)
"""`10m`, `1h30m`, `2 hours ago`, `-10min`, `yesterday`: what other tools count from now."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_offset_ms(value: str) -> int:
    """`UTC`, `Z`, `+02:00`, `-0530` as milliseconds east of UTC. Raises UsageError.

    Names of places are refused: their offset depends on the date and on the machine's time zone data, and the same
    bytes must give the same report everywhere.
    """
    if value.upper() in {"UTC", "Z"}:
        return 0
    match = OFFSET.match(value)
    if not match or int(match[2]) > 14 or int(match[3]) > 59:
        raise UsageError(f"--tz {value}: not an offset from UTC", hint="UTC, or the offset in force, such as +02:00")
    minutes = int(match[2]) * 60 + int(match[3])
    return (minutes if match[1] == "+" else -minutes) * 60_000


def moment_ms(option: str, value: str, offset_ms: int) -> int:
    """`2026-11-23T14:05:00Z`, `2026-11-23 14:05`, `14:05:30` as the milliseconds that `Record.time` counts.

    A time with a date counts from the epoch; without an offset of its own it is `offset_ms` east of UTC. A time of day
    counts from midnight, for logs whose clock has no date. Raises UsageError.

    Nothing counts from now, since the same bytes must give the same report on any day; nor from the newest record, which
    a pipe shows last.
    """
    clock = CLOCK.match(value)
    if clock and int(clock[1]) < 24 and int(clock[2]) < 60 and int(clock[3] or 0) < 60:
        seconds = int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3] or 0)
        return seconds * 1000 + int((clock[4] or "0").ljust(3, "0"))
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone(timedelta(milliseconds=offset_ms)))
        return (moment - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        if FROM_NOW.fullmatch(value):
            raise UsageError(
                f"{option} {value}: that counts from now, and the same log gives the same report on any day",
                hint="name the time (2026-11-23T14:05:00Z, 14:05), or cut the log where it comes from: "
                "docker logs --since 10m, kubectl logs --since=10m, journalctl --since=-10m",
            ) from None
        hint = "2026-11-23T14:05:00Z, or 14:05 where the log has no date"
        raise UsageError(f"{option} {value}: not a time", hint=hint) from None


def scan_options(
    tz: str = "UTC",
    since: str | None = None,
    until: str | None = None,
    rules_dirs: tuple[str, ...] = (),
    code: str | None = None,
    *,
    show_ids: bool = False,
    engine: Engine | None = None,
) -> ScanOptions:
    """What the pipeline takes, from what was typed. Raises UsageError."""
    offset = utc_offset_ms(tz)
    since_ms = None if since is None else moment_ms("--since", since, offset)
    until_ms = None if until is None else moment_ms("--until", until, offset)
    if since_ms is not None and until_ms is not None and since_ms > until_ms:
        raise UsageError(f"--since {since} is later than --until {until}", hint="nothing lies between them")
    if code is not None:
        from floodscan.code.tree import check_folder

        check_folder(code)
    from floodscan.engines import Engine
    from floodscan.pipeline import ScanOptions

    return ScanOptions(
        utc_offset_ms=offset,
        since_ms=since_ms,
        until_ms=until_ms,
        rules_dirs=rules_dirs,
        show_ids=show_ids,
        code=code,
        engine=engine or Engine(),
    )


def engine(name: str, jobs: int | None, scheduler: str | None) -> Engine:
    """Who evaluates the sum. Raises UsageError for a name that is none, or what does not go with it."""
    from floodscan.engines import NAMES, Engine

    if name not in NAMES:
        raise UsageError(f"--engine {name}: no such engine", hint=f"one of {', '.join(NAMES)}")
    if scheduler is not None and name != "dask":
        raise UsageError("--scheduler is the address of a Dask cluster", hint="add --engine dask")
    if scheduler is not None and jobs is not None:
        raise UsageError("--jobs is for the processes of this machine", hint="a cluster has its own: leave it out")
    return Engine(name, jobs, scheduler)
