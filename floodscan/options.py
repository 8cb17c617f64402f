"""Option values as they are typed, and the values that they stand for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, get_args

from floodscan.errors import UsageError
from floodscan.model import Report, Severity, Verdict

if TYPE_CHECKING:
    from floodscan.engines import Engine
    from floodscan.pipeline import ScanOptions

VERDICTS: tuple[Verdict, ...] = ("storm", "flood", "faults")
"""What `--fail-on` takes, worst first: each includes those before it."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first."""

OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)$")
CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?$")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FailOn:
    """What makes a run end with code 1."""

    verdicts: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()

    def matches(self, report: Report) -> bool:
        """Whether the report holds any of it. Findings that were accepted count for nothing."""
        if report.verdict in self.verdicts:
            return True
        open_findings = [finding for finding in report.findings if finding.accepted is None]
        return any(finding.severity in self.severities or finding.cause in self.causes for finding in open_findings)


def fail_on(values: Iterable[str], known_causes: frozenset[str]) -> FailOn:
    """`storm`, `flood`, `faults`, `severity:high`, `cause:db.pool-timeout` as one condition: any of them suffices.

    known_causes: every cause id that a report can hold. Raises UsageError for anything else: a misspelt condition
    would never be met, and a gate that can't fail is worse than none.
    """
    verdicts: set[str] = set()
    severities: set[str] = set()
    causes: set[str] = set()
    for value in values:
        kind, _, name = value.partition(":")
        if value in VERDICTS:
            verdicts.update(VERDICTS[: VERDICTS.index(value) + 1])
        elif kind == "severity" and name in SEVERITIES:
            severities.update(SEVERITIES[: SEVERITIES.index(name) + 1])
        elif kind == "cause" and name in known_causes:
            causes.add(name)
        else:
            raise UsageError(f"--fail-on {value}: not a condition", hint=_nearest(value, known_causes))
    return FailOn(frozenset(verdicts), frozenset(severities), frozenset(causes))


def known_causes(rules_dirs: Sequence[str]) -> frozenset[str]:
    """The causes of the report contract and those of the user's own rules. Raises UsageError for a bad rule."""
    from floodscan.rules.load import causes, load_rules

    return frozenset(causes()) | {rule.cause for rule in load_rules(rules_dirs).rules}


def _nearest(value: str, known_causes: frozenset[str]) -> str:
    severities = [f"severity:{severity}" for severity in SEVERITIES]
    conditions = [*VERDICTS, *severities, *(f"cause:{cause}" for cause in sorted(known_causes))]
    near = difflib.get_close_matches(value, conditions, n=1)
    return f"did you mean {near[0]}?" if near else f"one of {', '.join(VERDICTS + tuple(severities))}, cause:ID"


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
        hint = "2026-11-23T14:05:00Z, or 14:05 where the log has no date"
        raise UsageError(f"{option} {value}: not a time", hint=hint) from None


def scan_options(
    tz: str = "UTC",
    since: str | None = None,
    until: str | None = None,
    rules_dirs: tuple[str, ...] = (),
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
    from floodscan.engines import Engine
    from floodscan.pipeline import ScanOptions

    return ScanOptions(
        utc_offset_ms=offset,
        since_ms=since_ms,
        until_ms=until_ms,
        rules_dirs=rules_dirs,
        show_ids=show_ids,
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
