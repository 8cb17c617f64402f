"""The gaps of a loop's drivers, and what the clock lets them show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from floodscan.averages import median
from floodscan.loops.actors import Actors
from floodscan.loops.cadence import FEW, IMMEDIATE_MS, cadence_of, gap_of
from floodscan.loops.links import Link
from floodscan.model import Cadence, Gap
from floodscan.profile.profile import Profile
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.value import frozen

COARSE_MS = 2_000
"""Mean gap below which a clock of whole seconds shows no cadence; and median gap below which it shows no short and even
one, where a lull between two bursts has raised the mean."""
EVEN: Final = ("immediate", "fixed")
SCATTERED: Final = ("irregular", "jittered")
KNOWN = 0.9
"""Share of the attempts whose beginning must be known for pauses to be measured instead of gaps."""
SILENT = 3
"""Median gaps of silence after the last failure from which a loop has ceased."""


@frozen
class Pace:
    """Gaps in milliseconds from failure to failure of one driver, and what they amount to."""

    gaps: tuple[int, ...]
    runs: tuple[tuple[int, ...], ...]
    """Of each driver the run that tells its cadence: its gaps, or where these scatter, for attempts take their time, the
    pauses between its attempts."""
    gap: Gap | None
    cadence: Cadence
    clocked: bool
    """Whether the failures have times of their own."""
    subsecond: bool
    exact: bool
    """Whether the clock shows single gaps: not without one, and not below two seconds on one of whole seconds."""

    @property
    def rapid(self) -> bool:
        """Whether the next attempt comes at once, or after a fixed pause shorter than any schedule's."""
        short = self.gap is not None and self.gap.median <= IMMEDIATE_MS
        return self.cadence == "immediate" or (self.cadence == "fixed" and short)


def pace_of(
    profile: Profile,
    anchor: SignatureProfile,
    actors: Actors | None,
    runs: Sequence[Sequence[Event]],
    first: Link | None = None,
    tail: float = 0.0,
) -> Pace:
    """The pace of the attempts, each driver for itself.

    runs: of the attempts of all, where no actor is known; first: links the failures to the lines that begin their
    attempts; tail: milliseconds from a failure to the last line of its attempt.
    """
    resolution = profile.resolution_ms
    clocked = resolution is not None and anchor.timed * 2 >= anchor.count
    every = [runs for runs in _runs(actors, runs) if runs] if clocked else []
    gaps = tuple(b[0] - a[0] for runs in every for run in runs for a, b in pairwise(run))
    told = _telling([[b[0] - a[0] for a, b in pairwise(run)] for run in runs] for runs in every)
    blurred = resolution == 1000 and mean(gaps) < COARSE_MS
    cadence: Cadence = "unknown" if blurred else cadence_of(told, resolution or 1)
    if cadence in SCATTERED and first is not None and (pauses := _pauses(every, first, tail)):
        told = _telling(pauses)
        cadence = cadence_of(told, resolution or 1)
    if resolution == 1000 and cadence in EVEN and median([gap for run in told for gap in run]) < COARSE_MS:
        blurred, cadence = True, "unknown"
    return Pace(gaps, told, gap_of(gaps), cadence, clocked, resolution == 1, clocked and not blurred)


def _pauses(every: Sequence[Sequence[Sequence[Event]]], first: Link, tail: float) -> list[list[list[int]]] | None:
    """From the end of each attempt to the beginning of the next; None where too few beginnings are known."""
    begins = dict(zip(first.at, first.lags, strict=True))
    out: list[list[list[int]]] = []
    known = wanted = 0
    for runs in every:
        own = []
        for run in runs:
            pauses = [
                max(0, round(b[0] + begins[b[1]] - a[0] - tail)) for a, b in pairwise(run) if b[1] in begins
            ]
            known, wanted = known + len(pauses), wanted + len(run) - 1
            own.append(pauses)
        out.append(own)
    return out if wanted and known >= KNOWN * wanted else None


def pause_of(pace: Pace) -> int:
    """Silence (milliseconds; lines without a clock) after which a loop has ceased."""
    if pace.gap is None:
        return SILENT
    return max(SILENT * pace.gap.median, round(1.5 * pace.gap.p90), SILENT * (1 if pace.subsecond else 1000))


def mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _runs(actors: Actors | None, runs: Sequence[Sequence[Event]]) -> Sequence[Sequence[Sequence[Event]]]:
    """For each driver the runs of its failures; the first run begins with its first."""
    if actors is not None:
        return [actor.runs for actor in actors.top if actor.iterations > 1]
    return [runs]


def _telling(every: Iterable[Sequence[list[int]]]) -> tuple[tuple[int, ...], ...]:
    """Of each driver the run that tells its cadence: its first, which begins with its first failure, else its longest."""
    best = (runs[0] if len(runs[0]) >= FEW else max(runs, key=len) for runs in every)
    return tuple(tuple(run) for run in best)
