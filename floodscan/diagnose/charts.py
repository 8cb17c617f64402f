"""What a report's pictures are drawn from: who logged when around a loop, and when each driver tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from floodscan.detectors.case import Case
from floodscan.loops.loop import FoundLoop
from floodscan.model import Lane
from floodscan.profile.profile import Profile
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile

COLUMNS = 120
"""Buckets of a timeline in the report, at most."""
CHARTED = 5
"""Loops with lanes and attempts: as many as a page for people shows."""
STEPS, FAILURES = 12, 8
"""Lanes of one iteration's steps; lanes of a log without a loop."""
ATTEMPTS = 60
"""Attempts at each end of a driver's run."""
MARGIN = 0.12
"""What is shown before the trigger and after the end, as a share of the time between them."""


def lanes_of(loop: FoundLoop, trigger: str | None, case: Case) -> tuple[Lane, ...]:
    """The loop's lanes in the order they are drawn: trigger, steps, success, the anchors of other loops."""
    known = case.signatures
    most = sorted(loop.members, key=lambda m: (m.profile is not loop.anchor, -min(1.0, m.per_iteration)))[:STEPS]
    steps = [m.profile for m in loop.members if m in most]
    others = [other.anchor for other in case.loops[:CHARTED]]
    before = [known[trigger]] if trigger is not None and trigger in known else []
    after = [loop.ending.success] if loop.ending.success is not None else []
    drawn = {p.signature.id: p for p in (*before, *steps, *after, *others)}
    low, high = _window(loop, before, case.profile)
    lanes = (_lane(p, low, high, case.profile) for p in drawn.values())
    return tuple(lane for lane in lanes if lane is not None)


def failure_lanes(case: Case) -> tuple[Lane, ...]:
    """The commonest failures over the whole log."""
    p = case.profile
    if p.first is None or p.last is None:
        return ()
    most = sorted((s for s in case.signatures.values() if s.failure), key=lambda s: (-s.count, s.signature.id))
    lanes = (_lane(s, p.first, p.last, p) for s in most[:FAILURES])
    return tuple(lane for lane in lanes if lane is not None)


def attempts_of(runs: Iterable[Sequence[Event]], profile: Profile) -> tuple[tuple[int, ...], ...]:
    """Runs of attempts as milliseconds from the input's first record; of many the first and the last."""
    zero = profile.first or 0
    kept = [tuple(time - zero for time, _ in run if time) for run in runs]
    kept = [run for run in kept if run]
    if sum(map(len, kept)) <= 2 * ATTEMPTS:
        return tuple(kept)
    return _head(kept) + tuple(tuple(reversed(run)) for run in reversed(_head([r[::-1] for r in reversed(kept)])))


def success_time(loop: FoundLoop) -> int | None:
    """When the line that marks success first came after the last iteration; None where nothing tells."""
    success, last = loop.ending.success, loop.anchor.last
    if success is None or last is None or loop.ending.outcome != "recovered":
        return None
    events = success.ends.sorted()
    if success.count <= len(events):
        return min((time for time, _ in events if time >= last), default=None)
    width = success.times.width
    return min((max(last, start) for start, _ in success.times.points() if start + width > last), default=None)


def _head(runs: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """The first ATTEMPTS of the runs."""
    out: list[tuple[int, ...]] = []
    room = ATTEMPTS
    for run in runs:
        if room:
            out.append(run[:room])
            room -= len(out[-1])
    return tuple(out)


def _window(loop: FoundLoop, before: Sequence[SignatureProfile], profile: Profile) -> tuple[int, int]:
    """The stretch of time that the lanes show: trigger, loop and end, and some of what lies around, within the log.

    All of the log where the loop's own lines have no clock: their times are those of the lines around them.
    """
    first, last = loop.anchor.first, loop.anchor.last
    if first is None or last is None:
        return profile.first or 0, profile.last or 0
    low = min([first, *(p.first for p in before if p.first is not None)])
    high = success_time(loop) or last
    if high - last > max(1, last - low):
        high = last
    margin = max(1000, round(MARGIN * (high - low)))
    return max(profile.first or 0, low - margin), min(profile.last or 0, high + margin)


def finest(profile: Profile) -> int:
    """The smallest width of a bucket (1 << it, in milliseconds) that the clock fills.

    On a clock of whole seconds narrower ones would show moments of silence, and peaks, that nobody saw.
    """
    return ((profile.resolution_ms or 1) - 1).bit_length()


def _lane(signature: SignatureProfile, low: int, high: int, profile: Profile) -> Lane | None:
    """Its counts from `low` to `high`, in the smallest buckets it has of which there are at most COLUMNS."""
    times = signature.times
    shift = max(times.shift, finest(profile))
    while (high >> shift) - (low >> shift) >= COLUMNS:
        shift += 1
    counts = times.at(shift)
    cells = tuple(counts.get(i, 0) for i in range(low >> shift, (high >> shift) + 1))
    if not any(cells):
        return None
    return Lane(signature.signature.id, ((low >> shift) << shift) - (profile.first or 0), 1 << shift, cells)
