"""Which signatures recur together: the union of the pairs whose counts agree, and the anchor of each group."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from floodscan.averages import median
from floodscan.loops.links import Links, Scenes
from floodscan.loops.pairs import NONE, Agreement, Counts, Outlines, agreement, coverage
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.value import mutable

LEAST = 3
"""Failures below which there is no loop."""
CANDIDATES = 2_000
"""Failures examined: half the most frequent, half those with the densest bursts."""
BURST = 14
"""log2 of the milliseconds in which a burst is counted: 16 s, about the twenty lines of a storm at a second each."""
AGREE, GAIN, BUCKETS = 0.8, 0.5, 3
"""Least agreement, least gain over chance, and least buckets that show it (scenarios of the lab and drawn ones)."""
COVER = 0.9
"""Least share of a line that takes part now and then, that must lie under the failure."""
TIGHT = 0.1
"""Largest spread of a lag, in gaps, of two lines that belong together without an id (lab: 0.01 to 0.03; a heartbeat
against a dashboard: 0.3)."""
OWN = 0.8
"""Least share of as many lines that must have the nearest of the others for themselves (two starts of a service, of which
one had three failures before it: 0.5, though all stood near a start)."""
CUT = 1
"""Lines by which those of an iteration may differ in number because the log begins or ends in its middle."""
LINKED = 0.8
"""Share of both sides that an attempt's id joins, from which counts need not agree."""


@mutable
class Group:
    """Signatures that recur together, at least one a failure."""

    anchor: SignatureProfile
    members: list[SignatureProfile]
    links: Links


class _Pairs:
    """Which signatures go with which failure: most pairs ruled out at sight, the others examined once.

    A signature is its place in `all`, in descending order of the counts; sets of them are bits of an integer.
    """

    def __init__(
        self, failing: Sequence[SignatureProfile], others: Sequence[SignatureProfile], scenes: Scenes, *, by_time: bool
    ) -> None:
        self.all = sorted([*failing, *others], key=_by_count)
        self.scenes = scenes
        self.by_time = by_time
        inside = {s.signature.id for s in failing}
        self.failing = _bits(i for i, s in enumerate(self.all) if s.signature.id in inside)
        self.companions = ~self.failing & ((1 << len(self.all)) - 1)
        self.counts = [Counts(s, by_time=by_time) for s in self.all]
        self.times: dict[int, Counts] = {}
        self.points: dict[int, list[int]] = {}
        self.gaps: dict[int, float] = {}
        self.shares: dict[int, dict[int, tuple[float, float]]] = {}
        """For each failure, of what hangs on it by an attempt's id: the shares of both sides that are linked."""
        self.open: dict[int, int] = {}
        """For each failure, those that may go with it and are not examined yet."""
        self.found: dict[int, int] = {}
        self._open_all()

    def _open_all(self) -> None:
        places = {s.signature.id: i for i, s in enumerate(self.all)}
        outlines = Outlines(self.counts)
        failing = list(_places(self.failing))
        for i in failing:
            links = self.scenes.links(self.all[i].signature.id)
            self.shares[i] = {places[n]: (links.share(n), links.returned(n)) for n in links.to if n in places}
            self.found[i] = 0
            self.open[i] = _bits(outlines.near(i)) & ~(1 << i)
        for i in failing:
            for j, (forth, back) in self.shares[i].items():
                if forth >= LINKED and back >= LINKED and i != j:
                    self.open[i] |= 1 << j
                    if j in self.open:
                        self.open[j] |= 1 << i

    def reached(self, i: int, among: int) -> int:
        """Those `among` others that go with the failure i; failures also where it goes with them."""
        for j in _places(self.open[i] & among):
            mutual = j in self.open
            if self._either(i, j) if mutual else self.goes(i, j):
                self.found[i] |= 1 << j
                if mutual:
                    self.found[j] |= 1 << i
            if mutual:
                self.open[j] &= ~(1 << i)
        self.open[i] &= ~among
        return self.found[i] & among

    def _either(self, i: int, j: int) -> bool:
        if self._linked(i, j) or self._linked(j, i):
            return True
        full = self._agreement(i, j)
        return self._follows(i, j, full) or self._follows(j, i, full)

    def goes(self, i: int, j: int) -> bool:
        """Whether J goes with the failure I: in nearly every iteration, or in some of them and nowhere else."""
        return self._linked(i, j) or (self._comparable(i, j) and self._follows(i, j, self._agreement(i, j)))

    def _comparable(self, i: int, j: int) -> bool:
        a, b = self.all[i].count, self.all[j].count
        return i != j and max(LEAST, 0.15 * a) <= b <= 5 * a

    def _linked(self, i: int, j: int) -> bool:
        forth, back = self.shares[i].get(j, (0.0, 0.0))
        near = 0.5 <= self.all[j].count / self.all[i].count <= 4.5
        return near and forth >= LINKED and back >= LINKED and self._comparable(i, j)

    def without(self, i: int, failing: Iterable[int]) -> list[int]:
        """How many there are, in order, of each quiet line that stands in attempts of these failures, but not in I's."""
        linked = _bits(j for f in failing for j, (_, back) in self.shares[f].items() if back >= LINKED)
        mine = _bits(j for j, (_, back) in self.shares[i].items() if back > 1 - LINKED)
        return sorted(self.all[j].count for j in _places(linked & self.companions & ~mine))

    def _agreement(self, i: int, j: int) -> Agreement:
        """NONE if it proves nothing."""
        a, b = self.all[i], self.all[j]
        full = agreement(self.counts[i], self.counts[j], share=AGREE, gain=GAIN)
        # On a coarse clock lines tell the order; whatever its width, the clock must not speak against them.
        if full is NONE or self.by_time or not (a.timed and b.timed):
            return full
        return full if agreement(self._timed(i), self._timed(j), share=AGREE) is not NONE else NONE

    def _timed(self, i: int) -> Counts:
        if i not in self.times:
            self.times[i] = Counts(self.all[i], by_time=True)
        return self.times[i]

    def _follows(self, i: int, j: int, full: Agreement) -> bool:
        a, b = self.all[i], self.all[j]
        if not self._comparable(i, j):
            return False
        if full is not NONE and (full.buckets >= BUCKETS or self._as_many(i, j)):
            return True
        forth, back = self.shares[i].get(j, (0.0, 0.0))
        if b.count >= 0.95 * a.count or (forth > 0 and back < LINKED):
            return False
        if back >= LINKED:
            return coverage(self.counts[i], self.counts[j], share=COVER, apart=self._apart(i, j)) is not NONE
        part = coverage(self.counts[i], self.counts[j], share=COVER, gain=GAIN)
        return part.buckets >= BUCKETS and self._tight(j, i)

    def _apart(self, i: int, j: int) -> float:
        """How far a J usually stands from the I that shares its attempt's id, on the axis of the counts."""
        link = self.scenes.links(self.all[i].signature.id).to[self.all[j].signature.id]
        return median(map(abs, link.lags if self.by_time else link.steps))

    def _as_many(self, i: int, j: int) -> bool:
        """Whether there are as many J as I, and not by chance: in a burst too short for its timeline to tell more, or
        at a distance that hardly varies."""
        a, b = self.all[i], self.all[j]
        if abs(a.count - b.count) > max(1, 0.02 * a.count):
            return False
        finest = len(self.counts[i].at(self.counts[i].shift))
        if finest < BUCKETS:
            return True
        return any(self._tight(x, y) and self._paired(x, y) for x, y in ((i, j), (j, i)))

    def in_each(self, i: int, j: int) -> bool:
        """Whether every I has a J at the same distance, though J stands elsewhere, too."""
        return self.all[i].count <= self.all[j].count <= 2 * self.all[i].count and self._tight(i, j)

    def _tight(self, i: int, j: int) -> bool:
        """Whether the lag from each I to its nearest J hardly varies, against the gaps between the J's."""
        left, right = self._points(i), self._points(j)
        if not left or len(right) < 2:
            return False
        lags = [_nearest(x, right) - x for x in left]
        middle = median(lags)
        spread = sorted([abs(lag - middle) for lag in lags])[int(0.9 * (len(lags) - 1))]
        return spread <= TIGHT * self._gap(j)

    def _paired(self, i: int, j: int) -> bool:
        """Whether the I's have each a nearest J of its own."""
        left, right = self._points(i), self._points(j)
        return len({_nearest(x, right) for x in left}) >= OWN * len(left)

    def _gap(self, i: int) -> float:
        if i not in self.gaps:
            points = self._points(i)
            self.gaps[i] = median([y - x for x, y in zip(points, points[1:], strict=False)])
        return self.gaps[i]

    def _points(self, i: int) -> list[int]:
        """In milliseconds, on a coarse clock in records: lines would count the length of the records between."""
        if i not in self.points:
            s = self.all[i]
            self.points[i] = (
                sorted(e[0] for e in s.ends.sorted()) if self.by_time else self.scenes.ordinals(s.signature.id)
            )
        return self.points[i]


def find_groups(signatures: Mapping[str, SignatureProfile], scenes: Scenes, *, by_time: bool) -> list[Group]:
    """Groups in the order of their anchors' counts, largest first; of `candidates` alone."""
    companions = [s for s in signatures.values() if not s.failure and s.count >= LEAST]
    pairs = _Pairs(candidates(signatures)[0], companions, scenes, by_time=by_time)
    out: list[Group] = []
    rest = pairs.failing
    while rest:
        group, members = _grow(rest, pairs)
        out.append(group)
        rest &= ~members
    return sorted(out, key=lambda g: (-g.anchor.count, g.anchor.signature.id))


def candidates(signatures: Mapping[str, SignatureProfile]) -> tuple[list[SignatureProfile], int]:
    """The failures that loops are looked for among, and how many more recur that are not looked at.

    Of more than CANDIDATES, half are the most frequent; the others are those with the densest bursts, for a storm may
    be short.
    """
    failing = sorted((s for s in signatures.values() if s.failure and s.failures >= LEAST), key=_by_count)
    if len(failing) <= CANDIDATES:
        return failing, 0
    frequent, others = failing[: CANDIDATES // 2], failing[CANDIDATES // 2 :]
    others.sort(key=lambda s: (-_peak(s), *_by_count(s)))
    return frequent + others[: CANDIDATES - len(frequent)], len(failing) - CANDIDATES


def _peak(s: SignatureProfile) -> float:
    """Lines for each millisecond where they stand densest, over BURST at least; 0 without a clock."""
    shift = max(BURST, s.times.shift)
    return max(s.times.at(shift).values(), default=0) / (1 << shift)


def _by_count(s: SignatureProfile) -> tuple[int, str]:
    return (-s.count, s.signature.id)


def _grow(rest: int, pairs: _Pairs) -> tuple[Group, int]:
    """The group of the most frequent failure: what hangs together with it, held against the anchor of the whole.

    And its members' places.
    """
    hanging = [next(_places(rest))]
    rest &= ~(1 << hanging[0])
    for i in hanging:
        more = pairs.reached(i, rest)
        rest &= ~more
        hanging += _places(more)
    companions = 0
    for i in hanging:
        companions |= pairs.reached(i, pairs.companions & ~companions)
    together = _bits(hanging) | companions
    anchor = _anchor(
        [pairs.all[i] for i in hanging],
        [pairs.all[i] for i in _places(companions)],
        {pairs.all[i].signature.id: pairs.without(i, hanging) for i in hanging},
    )
    at = next(i for i in hanging if pairs.all[i] is anchor)
    members = [i for i in _places(together) if i == at or pairs.goes(at, i) or pairs.in_each(at, i)]
    links = pairs.scenes.links(anchor.signature.id)
    return Group(anchor, [pairs.all[i] for i in members], links), _bits(members)


def _bits(places: Iterable[int]) -> int:
    """The set of these places, as bits."""
    marks = bytearray()
    for i in places:
        if i >> 3 >= len(marks):
            marks.extend(bytes(1 + (i >> 3) - len(marks)))
        marks[i >> 3] |= 1 << (i & 7)
    return int.from_bytes(marks, "little")


def _places(bits: int) -> Iterator[int]:
    """The places in a set of bits, in order."""
    for at, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) >> 3, "little")):
        while byte:
            low = byte & -byte
            yield (at << 3) + low.bit_length() - 1
            byte ^= low


def _nearest(point: int, ordered: list[int]) -> int:
    at = bisect_left(ordered, point)
    if at == 0 or at == len(ordered):
        return ordered[max(0, at - 1)]
    before, after = ordered[at - 1], ordered[at]
    return before if point - before <= after - point else after


def _anchor(
    failing: Sequence[SignatureProfile], companions: Sequence[SignatureProfile], without: Mapping[str, Sequence[int]]
) -> SignatureProfile:
    """The failing line that stands for one iteration.

    The count that most members share is the number of attempts or failures. Among failing lines near that count the
    rarest is the failure itself: what also stands in attempts that succeed is more frequent by their number
    (attempts = failures + successes, where the log shows the line of success: a companion, or, for a few successes are no
    part of the iteration, a line of the attempts `without` that failure).
    """
    counts = sorted(s.count for s in (*failing, *companions))
    quiet = sorted(s.count for s in companions)

    def support(count: int) -> int:
        return _within(counts, count, max(2, int(0.05 * count)))

    best = max(failing, key=lambda s: (support(s.count), s.count, s.signature.id))
    near = [s for s in failing if abs(s.count - best.count) <= max(2, 0.1 * best.count)]
    for fewer in sorted(failing, key=lambda s: (s.count, s.signature.id)):
        succeeded = best.count - fewer.count
        off = int(0.05 * succeeded)
        shown = _within(quiet, succeeded, off) or _within(without[fewer.signature.id], succeeded, max(CUT, off))
        if succeeded >= 0 and support(fewer.count) >= 2 and shown:
            near = [s for s in failing if abs(s.count - fewer.count) <= max(2, 0.1 * fewer.count)]
            break
    least = min(s.count for s in near)
    rarest = [s for s in near if s.count <= least + CUT]
    level = max((s.level, not _bare(s)) for s in rarest)
    return max((s for s in rarest if (s.level, not _bare(s)) == level), key=lambda s: (middle_of(s), s.signature.id))


def _within(ordered: Sequence[int], middle: int, reach: int) -> int:
    return bisect_right(ordered, middle + reach) - bisect_left(ordered, middle - reach)


def _bare(s: SignatureProfile) -> bool:
    """Whether it is a failing status without an error: what an attempt's end looks like, not what ended it."""
    return not (s.signature.type or s.signature.code or s.signature.opacity)


def middle_of(s: SignatureProfile) -> tuple[float, float]:
    """Mean time and position of the kept events: of lines as frequent as each other, the later one has the larger."""
    events = s.ends.sorted()
    return sum(e[0] for e in events) / len(events), sum(e[1] for e in events) / len(events)
