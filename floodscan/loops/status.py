"""Storm, loop or backoff, by the table of thresholds; and whether the drivers keep step."""

from __future__ import annotations

import re
from collections.abc import Sequence

from floodscan.loops.actors import Actors
from floodscan.loops.loop import Driver, Member
from floodscan.loops.pace import Pace, mean
from floodscan.loops.thresholds import Thresholds
from floodscan.model import Gap, LoopStatus
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.regex import regex

BACKS_OFF = regex(r"\bback(?:ing)?[- ]?off\b|\b(?:retry|reconnect)\w*\b.{0,60}\bdelay\b", re.IGNORECASE)
"""Words by which libraries and orchestrators say that they wait before the next attempt."""
NEAR = 0.05
"""Share of the gap between one driver's attempts within which another's stand beside them."""
TICKS = 5
"""Gaps of fewer ticks of the clock show no step: every driver has an attempt in most ticks, or in each."""
SHORTEST_MS = 200
"""Median gap below which attempts stand beside each other whatever they do."""


def status_of(
    profile: Profile,
    anchor: SignatureProfile,
    pace: Pace,
    per_driver: int,
    lines: int,
    driver: Driver,
    members: Sequence[Member],
    thresholds: Thresholds,
) -> LoopStatus:
    """`per_driver`: iterations of the busiest driver; `lines`: of the whole loop."""
    if pace.cadence in ("exponential", "linear", "jittered", "stepped"):
        return "backoff"
    if pace.cadence in ("unknown", "irregular") and any(BACKS_OFF.search(m.profile.signature.text) for m in members):
        return "backoff"
    if per_driver < thresholds.storm_iterations or not anchor.hard:
        return "loop"
    few = per_driver < thresholds.storm_unnamed
    if driver == "unknown" and few and pace.clocked and _span(anchor) < thresholds.storm_span_ms:
        return "loop"
    if driver == "unknown" and all(m.profile.failure for m in members) and not pace.rapid:
        return "loop"
    if pace.gap is not None and pace.gap.median >= thresholds.schedule_ms:
        return "loop"
    mean_gap = mean(pace.gaps) if not pace.subsecond else (pace.gap.median if pace.gap else None)
    fast = bool(pace.gaps) and mean_gap is not None and mean_gap < thresholds.storm_gap_ms
    much = profile.records >= thresholds.storm_records and lines >= thresholds.storm_share * profile.lines
    if not pace.clocked and _rising(anchor, thresholds, slowing=True):
        return "loop"
    return "storm" if fast or much or _rising(anchor, thresholds) else "loop"


def _span(anchor: SignatureProfile) -> int:
    return 0 if anchor.first is None or anchor.last is None else anchor.last - anchor.first


def _rising(anchor: SignatureProfile, thresholds: Thresholds, *, slowing: bool = False) -> bool:
    """Whether the later half of the failures took far less time than the first half (`slowing`: far more)."""
    points = list(anchor.times.points())
    if len(points) < 8:
        return False
    total, seen = sum(n for _, n in points), 0
    for at, count in points:
        seen += count
        if seen * 2 >= total:
            early, late = at - points[0][0], points[-1][0] - at
            long, short = (late, early) if slowing else (early, late)
            return long >= (thresholds.rising + 1) * max(1, short)
    return False


def lockstep(actors: Actors | None, gap: Gap | None, tick_ms: int) -> bool:
    """Whether most attempts of the busiest actor stand within a twentieth of the gap of one of each other actor.

    tick_ms: the clock's. Where the gap is few ticks long, attempts that have nothing to do with each other share theirs.
    """
    if actors is None or gap is None or gap.median < max(SHORTEST_MS, TICKS * tick_ms):
        return False
    times = [[e[0] for run in actor.runs for e in run] for actor in actors.top if actor.iterations >= 3][:8]
    if len(times) < 2:
        return False
    near = [any(abs(t - u) <= NEAR * gap.median for u in other) for t in times[0] for other in times[1:]]
    return sum(near) >= 0.8 * len(near)
