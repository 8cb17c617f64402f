"""The gaps of a loop's drivers, and what the clock lets them show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from floodscan.loops.actors import Actors
from floodscan.loops.cadence import FEW, cadence_of, gap_of
from floodscan.model import Cadence, Gap
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile

COARSE_MS = 2_000
"""Mean gap below which a clock of whole seconds shows no cadence."""
SILENT = 3
"""Median gaps of silence after the last failure from which a loop has ceased."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Gaps in milliseconds: of all drivers, of each driver the run that tells its cadence, and what they amount to."""

    gaps: tuple[int, ...]
    runs: tuple[tuple[int, ...], ...]
    gap: Gap | None
    cadence: Cadence
    clocked: bool
    """Whether the failures have times of their own."""
    subsecond: bool
    exact: bool
    """Whether the clock shows single gaps: not without one, and not below two seconds on one of whole seconds."""


def pace_of(profile: Profile, anchor: SignatureProfile, actors: Actors | None) -> Pace:
    """The pace of the attempts, each driver for itself."""
    resolution = profile.resolution_ms
    clocked = resolution is not None and anchor.timed * 2 >= anchor.count
    every = [runs for runs in _gaps(actors, anchor) if runs] if clocked else []
    runs = tuple(tuple(_telling(runs)) for runs in every)
    gaps = tuple(gap for runs_of_one in every for run in runs_of_one for gap in run)
    blurred = resolution == 1000 and mean(gaps) < COARSE_MS
    cadence: Cadence = "unknown" if blurred else cadence_of(runs, resolution or 1)
    return Pace(gaps, runs, gap_of(gaps), cadence, clocked, resolution == 1, clocked and not blurred)


def pause_of(pace: Pace) -> int:
    """Silence (milliseconds; lines without a clock) after which a loop has ceased."""
    if pace.gap is None:
        return SILENT
    return max(SILENT * pace.gap.median, round(1.5 * pace.gap.p90), SILENT * (1 if pace.subsecond else 1000))


def mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _gaps(actors: Actors | None, anchor: SignatureProfile) -> list[list[list[int]]]:
    """For each driver the gaps of each of its runs, in milliseconds; the first run begins with its first failure."""
    if actors is not None:
        return [actor.gaps for actor in actors.top if actor.iterations > 1]
    return [[[b[0] - a[0] for a, b in zip(run, run[1:], strict=False)] for run in anchor.ends.runs(anchor.count)]]


def _telling(runs: Sequence[list[int]]) -> list[int]:
    """The run that tells a driver's cadence: its first, which begins with its first failure, else its longest."""
    return runs[0] if len(runs[0]) >= FEW else max(runs, key=len)
