"""Known reconnect schedules, by which the pauses between tries name the client. Data in `data/clients.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from floodscan.rules.digest import table
from floodscan.value import frozen

LEAST = 3
"""Gaps that must fit before a client with fixed pauses is named: two are a coincidence."""

LEAST_DRAWN = 5
"""As many where the pauses are drawn at random: a wide range fits by chance too easily."""

GROWTH = 1.3
"""The longest gap must be that much longer than the shortest: a constant gap names nobody."""

TRY_MS = 1_000
"""Longest time the try itself may take, which stands in every gap beside the pause."""

SLACK_MS = 60
SLACK_SHARE = 0.08
"""How far a gap may be off its pause and the try: timers round, tries differ."""


@frozen
class Schedule:
    """The pauses one client makes between its tries, in milliseconds."""

    id: str
    name: str
    source: str
    steps_ms: tuple[int, ...] = ()
    start_ms: tuple[int, int] = (0, 0)
    """Least and most of the first pause, where there are no steps."""
    factor: float = 1.0
    add_ms: int = 0
    cap_ms: int | None = None
    jitter: float = 0.0
    spread_ms: int = 0
    gives_up_after: int | None = None

    @property
    def drawn(self) -> bool:
        """Whether its pauses, or the first of them, are drawn at random."""
        return bool(self.jitter or self.spread_ms or self.start_ms[0] != self.start_ms[1])

    def pause(self, n: int, first_ms: int | None = None) -> tuple[int, int]:
        """(least, most) milliseconds of the pause after the n-th failed try, n from 0.

        first_ms: the first pause, where it is drawn once per client and known.
        """
        if self.steps_ms:
            low = high = float(self.steps_ms[min(n, len(self.steps_ms) - 1)])
        else:
            grown = self.factor ** min(n, 64)
            least, most = self.start_ms if first_ms is None else (first_ms, first_ms)
            low, high = (least + n * self.add_ms) * grown, (most + n * self.add_ms) * grown
        if self.cap_ms is not None:
            low, high = min(low, self.cap_ms), min(high, self.cap_ms)
        return int(low * (1 - self.jitter)), int(high * (1 + self.jitter)) + self.spread_ms


@lru_cache(maxsize=1)
def schedules() -> tuple[Schedule, ...]:
    """The known schedules, the narrower before the wider: fixed pauses before those drawn at random."""
    raw = table("clients.toml")
    known = [
        Schedule(
            id=entry["id"],
            name=entry["name"],
            source=entry["source"],
            steps_ms=tuple(entry.get("steps_ms", ())),
            start_ms=tuple(entry.get("start_ms", (entry.get("base_ms", 0), entry.get("base_ms", 0)))),
            factor=entry.get("factor", 1.0),
            add_ms=entry.get("add_ms", 0),
            cap_ms=entry.get("cap_ms"),
            jitter=entry.get("jitter", 0.0),
            spread_ms=entry.get("spread_ms", 0),
            gives_up_after=entry.get("gives_up_after"),
        )
        for entry in raw["schedule"]
    ]
    return tuple(known)


@lru_cache(maxsize=1024)
def schedule_of(gaps_ms: tuple[int, ...], resolution_ms: int = 1) -> Schedule | None:
    """The one schedule that a driver's gaps, in order from its first failure, follow; None where none or several do.

    gaps_ms: from one try to the next. resolution_ms: the clock's, by which a gap may be off either way.
    A schedule of fixed pauses outranks those drawn at random, which fit more.
    """
    if len(gaps_ms) < LEAST or max(gaps_ms) < GROWTH * max(1, min(gaps_ms)):
        return None
    fitting = [one for one in schedules() if _fits(one, gaps_ms, resolution_ms)]
    found = [one for one in fitting if not one.drawn] or fitting
    return found[0] if len(found) == 1 else None


def _fits(schedule: Schedule, gaps_ms: Sequence[int], resolution_ms: int) -> bool:
    if schedule.gives_up_after is not None and len(gaps_ms) > schedule.gives_up_after:
        return False
    if schedule.drawn and len(gaps_ms) < LEAST_DRAWN:
        return False
    least, most = schedule.start_ms
    first = min(max(gaps_ms[0], least), most) if least != most else None
    pauses = []
    for n, gap in enumerate(gaps_ms):
        low, high = schedule.pause(n, first)
        if not low - _slack(low, resolution_ms) <= gap <= high + _slack(high, resolution_ms) + TRY_MS:
            return False  # whatever the try: most schedules end at the first gap or two
        pauses.append((low, high))
    # What every gap has too much is the try; without it each must be its pause.
    tried = min(gap - low for gap, (low, _) in zip(gaps_ms, pauses, strict=True))
    tried = min(max(tried, 0), TRY_MS)
    return all(
        low - _slack(low, resolution_ms) <= gap - tried <= high + _slack(high, resolution_ms)
        for gap, (low, high) in zip(gaps_ms, pauses, strict=True)
    )


def _slack(pause_ms: int, resolution_ms: int) -> float:
    return min(SLACK_MS, pause_ms) + pause_ms * SLACK_SHARE + resolution_ms
