"""Where a line stands in the iteration: its lag to the anchor, by shared id first, else by matching in order.

Lags are found along the best-founded edges: from the anchor to the lines that share an id with it or have its exact
count, from those to the next. (Prim's spanning tree over how well two lines can be compared.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from math import inf

from floodscan.averages import median
from floodscan.loops.links import Links
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile

LINKED = 0.6
"""Share of a line's events from which the ids it shares with another order the two (a line of every second attempt
has its own way round)."""
SCATTER = 1.0
"""Mean deviation of matched lags, in gaps, up to which two runs of nearly equal length are the same attempts (lab: a
query that others make too, against the sign-ins of a storm inside traffic: hundreds)."""
COMPARED = 48
"""Members up to which each is compared with each, more than any iteration of the lab's has (14); a group that chance
has made larger is laid out from its anchor alone, or thousands of failures would be compared for minutes."""
SHIFTS = 8
"""Events by which two matched runs may be out of step at their start."""


def lags_of(
    anchor: SignatureProfile,
    members: Sequence[SignatureProfile],
    links: Mapping[str, Links],
    *,
    by_time: bool,
) -> dict[str, float]:
    """Signature id -> milliseconds (else lines) from the anchor in one iteration; negative where it comes before."""
    axis = 0 if by_time else 1
    lags = {anchor.signature.id: 0.0}
    rest = {m.signature.id: m for m in members if m is not anchor}
    nearest: dict[str, tuple[tuple[int, float, int], SignatureProfile]] = {}
    base, place = anchor, 0
    few = len(rest) <= COMPARED
    while rest:
        for name, member in rest.items() if few or base is anchor else ():
            worth = (*_badness(base, member, links, axis), place)
            if name not in nearest or worth < nearest[name][0]:
                nearest[name] = worth, base
        name = min(rest, key=lambda other: (nearest[other][0], other))
        member, (_, before) = rest.pop(name), nearest[name]
        lags[name] = lags[before.signature.id] + _lag(before, member, links, axis)
        base, place = member, place + 1
    return lags


def _badness(a: SignatureProfile, b: SignatureProfile, links: Mapping[str, Links], axis: int) -> tuple[int, float]:
    """How ill two lines can be compared: by shared ids (the steadier their lag the better), by equal counts, else.

    Counts that are nearly equal may be so by chance: then the lags of the matched events scatter.
    """
    forth = links[a.signature.id].share(b.signature.id)
    apart = abs(a.count - b.count)
    if forth >= LINKED:
        lags = links[a.signature.id].to[b.signature.id].lags
        middle = median(lags)
        return 0, sum(abs(lag - middle) for lag in lags) / len(lags)
    if apart == 0:
        return 1, 0.0
    if forth >= 0.3:
        return 2, 0.0
    if apart <= max(2, 0.05 * a.count):
        left, right = _points(a.ends.sorted(), axis), _points(b.ends.sorted(), axis)
        if _matched(left, right)[1] <= SCATTER * _gap(left):
            return 3, 0.0
    return 4, 0.0


def _lag(a: SignatureProfile, b: SignatureProfile, links: Mapping[str, Links], axis: int) -> float:
    kind, _ = _badness(a, b, links, axis)
    if kind in (0, 2):
        link = links[a.signature.id].to[b.signature.id]
        if axis:
            return _trimmed_mean(link.steps)
        return _trimmed_mean(link.lags) or 0.001 * sum(link.order) / len(link.order)
    left, right = a.ends.sorted(), b.ends.sorted()
    return _matched(_points(left, axis), _points(right, axis))[0] if kind in (1, 3) else _nearest(left, right, axis)


def _gap(points: list[int]) -> float:
    return median([later - earlier for earlier, later in zip(points, points[1:], strict=False)] or [0])


def _points(events: list[Event], axis: int) -> list[int]:
    return sorted(e[axis] for e in events)


def _trimmed_mean(values: list[int]) -> float:
    ordered = sorted(values)
    cut = len(ordered) // 10
    kept = ordered[cut : len(ordered) - cut] or ordered
    return sum(kept) / len(kept)


def _matched(a: list[int], b: list[int]) -> tuple[float, float]:
    """Mean lag of two runs matched in order, at the shift where they lie closest, and how far the lags scatter from it.

    The mean of matched differences is the same however the pairs interleave.
    """
    if len(a) == len(b):
        lags = [y - x for x, y in zip(a, b, strict=True)]
        return _trimmed_mean(lags), _scatter(lags, median(lags))
    best: tuple[float, float, float] | None = None
    for shift in range(-SHIFTS, SHIFTS + 1):
        pairs = [b[i + shift] - a[i] for i in range(len(a)) if 0 <= i + shift < len(b)]
        if len(pairs) < max(1, min(len(a), len(b)) - SHIFTS):
            continue
        middle = median(pairs)
        scatter = _scatter(pairs, middle)
        score = scatter + abs(middle) / 4
        if best is None or score < best[0]:
            best = (score, _trimmed_mean(pairs), scatter)
    return best[1:] if best else (0.0, inf)


def _scatter(lags: list[int], middle: float) -> float:
    return sum(abs(lag - middle) for lag in lags) / len(lags)


def _nearest(a: list[Event], b: list[Event], axis: int) -> float:
    """Mean lag from each of A's events to the nearest of B's; where the clock shows none, the order of the lines."""
    if not a or not b:
        return 0.0
    ordered_b = sorted(b, key=lambda e: e[axis])
    places = [e[axis] for e in ordered_b]
    lags: list[float] = []
    for event in a:
        # What stands at the last place before it or the first behind it: of events at one time there may be many.
        at = bisect_left(places, event[axis])
        low = bisect_left(places, places[max(0, at - 1)])
        high = bisect_right(places, places[min(at, len(places) - 1)])
        near = min(ordered_b[low:high], key=lambda e: (abs(e[axis] - event[axis]), abs(e[1] - event[1]), e))
        lag = near[axis] - event[axis]
        lags.append(lag if lag else (0.001 if near[1] > event[1] else -0.001))
    ordered = sorted(lags)
    cut = len(ordered) // 10
    kept = ordered[cut : len(ordered) - cut] or ordered
    return sum(kept) / len(kept)
