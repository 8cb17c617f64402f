"""Which signatures recur together: the union of the pairs whose counts agree, and the anchor of each group."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from floodscan.loops.links import Links, Scenes
from floodscan.loops.pairs import agreement, coverage
from floodscan.profile.signature_profile import SignatureProfile

LEAST = 3
"""Failures below which there is no loop."""
CANDIDATES = 120
"""Failure signatures examined, the most frequent first."""
AGREE, GAIN, BUCKETS = 0.8, 0.5, 3
"""Least agreement, least gain over chance, and least buckets that show it (scenarios of the lab and drawn ones)."""
COVER = 0.9
"""Least share of a line that takes part now and then, that must lie under the failure."""
TIGHT = 0.1
"""Largest spread of a lag, in gaps, of two lines that belong together without an id (lab: 0.01 to 0.03; a heartbeat
against a dashboard: 0.3)."""
LINKED = 0.8
"""Share of both sides that an attempt's id joins, from which counts need not agree."""


@dataclass(slots=True)
class Group:
    """Signatures that recur together, at least one a failure."""

    anchor: SignatureProfile
    members: list[SignatureProfile]
    links: Links


class _Pairs:
    """Which signatures go with which failure, each pair examined once."""

    def __init__(self, signatures: Mapping[str, SignatureProfile], scenes: Scenes, *, by_time: bool) -> None:
        self.signatures = signatures
        self.scenes = scenes
        self.by_time = by_time
        self.links: dict[str, Links] = {}
        self.found: dict[tuple[str, str], bool] = {}

    def links_of(self, name: str) -> Links:
        if name not in self.links:
            self.links[name] = self.scenes.links(name)
        return self.links[name]

    def together(self, a: SignatureProfile, b: SignatureProfile) -> bool:
        """Whether B goes with the failure A."""
        key = (a.signature.id, b.signature.id)
        if key not in self.found:
            self.found[key] = _together(a, b, self.links_of(a.signature.id), self.scenes, by_time=self.by_time)
        return self.found[key]


def find_groups(signatures: Mapping[str, SignatureProfile], scenes: Scenes, *, by_time: bool) -> list[Group]:
    """Groups in the order of their anchors' counts, largest first."""
    failing = [s for s in signatures.values() if s.failure and s.failures >= LEAST]
    failing.sort(key=lambda s: (-s.count, s.signature.id))
    failing = failing[:CANDIDATES]
    pairs = _Pairs(signatures, scenes, by_time=by_time)
    out: list[Group] = []
    while failing:
        group = _grow(failing, pairs)
        out.append(group)
        failing = [s for s in failing if s not in group.members]
    return sorted(out, key=lambda g: (-g.anchor.count, g.anchor.signature.id))


def _grow(failing: Sequence[SignatureProfile], pairs: _Pairs) -> Group:
    """The group of the most frequent failure: what hangs together with it, held against the anchor of the whole."""
    hanging = [failing[0]]
    for a in hanging:
        hanging += [b for b in failing if b not in hanging and (pairs.together(a, b) or pairs.together(b, a))]
    companions = [
        b
        for b in pairs.signatures.values()
        if not b.failure and b.count >= LEAST and any(pairs.together(a, b) for a in hanging)
    ]
    anchor = _anchor(hanging, companions)
    links = pairs.links_of(anchor.signature.id)
    members = [
        m
        for m in sorted([*hanging, *companions], key=lambda s: (-s.count, s.signature.id))
        if m is anchor or pairs.together(anchor, m) or _in_each(anchor, m, pairs.scenes, by_time=pairs.by_time)
    ]
    return Group(anchor, members, links)


def _together(a: SignatureProfile, b: SignatureProfile, links: Links, scenes: Scenes, *, by_time: bool) -> bool:
    """Whether B goes with A: in nearly every iteration, or in some of them and nowhere else."""
    if b is a or b.count < max(LEAST, 0.15 * a.count) or b.count > 5 * a.count:
        return False
    forth, back = links.share(b.signature.id), links.returned(b.signature.id)
    if forth >= LINKED and back >= LINKED and 0.5 <= b.count / a.count <= 4.5:
        return True
    full = agreement(a, b, by_time=by_time)
    if full.share >= AGREE and full.gain >= GAIN and _enough(full.buckets, a, b):
        # On a coarse clock lines tell the order; whatever its width, the clock must not speak against them.
        return by_time or not (a.timed and b.timed) or agreement(a, b, by_time=True).share >= AGREE
    if b.count >= 0.95 * a.count:
        return False
    part = coverage(a, b, by_time=by_time)
    if part.share < COVER:
        return False
    if back >= LINKED:
        return True
    return forth == 0 and part.gain >= GAIN and part.buckets >= BUCKETS and _tight(b, a, scenes, by_time=by_time)


def _enough(buckets: int, a: SignatureProfile, b: SignatureProfile) -> bool:
    return buckets >= BUCKETS or abs(a.count - b.count) <= max(1, 0.02 * a.count)


def _in_each(a: SignatureProfile, b: SignatureProfile, scenes: Scenes, *, by_time: bool) -> bool:
    """Whether every A has a B at the same distance, though B stands elsewhere, too."""
    return a.count <= b.count <= 2 * a.count and _tight(a, b, scenes, by_time=by_time)


def _tight(a: SignatureProfile, b: SignatureProfile, scenes: Scenes, *, by_time: bool) -> bool:
    """Whether the lag from each A to its nearest B hardly varies, against the gaps between the B's.

    In milliseconds, on a coarse clock in records: lines would count the length of the records between.
    """
    if by_time:
        left, right = sorted(e[0] for e in a.ends.sorted()), sorted(e[0] for e in b.ends.sorted())
    else:
        left, right = scenes.ordinals(a.signature.id), scenes.ordinals(b.signature.id)
    if not left or len(right) < 2:
        return False
    lags = [_nearest(x, right) - x for x in left]
    middle = median(lags)
    spread = sorted(abs(lag - middle) for lag in lags)[int(0.9 * (len(lags) - 1))]
    gaps = [y - x for x, y in zip(right, right[1:], strict=False)]
    return spread <= TIGHT * median(gaps)


def _nearest(point: int, ordered: list[int]) -> int:
    at = bisect_left(ordered, point)
    return min(ordered[max(0, at - 1) : at + 1], key=lambda x: abs(x - point))


def _anchor(failing: Sequence[SignatureProfile], companions: Sequence[SignatureProfile]) -> SignatureProfile:
    """The failing line that stands for one iteration.

    The count that most members share is the number of attempts or failures. Among failing lines near that count the
    rarest is the failure itself: what also stands in attempts that succeed is more frequent by their number
    (attempts = failures + successes, where the log shows the line of success).
    """
    counts = [s.count for s in (*failing, *companions)]

    def support(count: int) -> int:
        return sum(abs(c - count) <= max(2, 0.05 * count) for c in counts)

    best = max(failing, key=lambda s: (support(s.count), s.count, s.signature.id))
    near = [s for s in failing if abs(s.count - best.count) <= max(2, 0.1 * best.count)]
    for fewer in sorted(failing, key=lambda s: (s.count, s.signature.id)):
        succeeded = best.count - fewer.count
        if support(fewer.count) >= 2 and any(abs(c.count - succeeded) <= 0.05 * succeeded for c in companions):
            near = [s for s in failing if abs(s.count - fewer.count) <= max(2, 0.1 * fewer.count)]
            break
    least = min(s.count for s in near)
    rarest = [s for s in near if s.count == least]
    level = max((s.level, not _bare(s)) for s in rarest)
    return max((s for s in rarest if (s.level, not _bare(s)) == level), key=lambda s: (middle_of(s), s.signature.id))


def _bare(s: SignatureProfile) -> bool:
    """Whether it is a failing status without an error: what an attempt's end looks like, not what ended it."""
    return not (s.signature.type or s.signature.code or s.signature.opacity)


def middle_of(s: SignatureProfile) -> tuple[float, float]:
    """Mean time and position of the kept events: of lines as frequent as each other, the later one has the larger."""
    events = s.ends.sorted()
    return sum(e[0] for e in events) / len(events), sum(e[1] for e in events) / len(events)
