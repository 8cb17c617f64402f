"""Which signatures go together: counts that agree bucket by bucket, beyond what chance would give.

Counts ignore how attempts interleave and which lines lack ids, so this works where sessions can't be cut.

Widths are tried from the coarsest to the finest, and left as soon as no finer one can be better: buckets nest, so a
share never grows on a finer width, and a gain is at most its share (chance leaves no more open than there is).
"""

from __future__ import annotations

from math import erf, exp, pi, sqrt

from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.timeline import halved
from floodscan.value import frozen

WIDTHS = 12
"""Powers of two above the finest common width that are tried."""
LOCAL = 3
"""log2 of the neighbours over which a local rate is taken, to know what chance would give."""
CELLS = 1024
"""Cells of a log in which an outline says where a signature has lines: enough that sixty lines spread at random meet
few of another sixty."""
WIDER = 8
"""A bucket this many times as wide as two lines are apart holds both, seven times in eight."""
_ROUNDING = 1e-9


@frozen
class Agreement:
    """How well two signatures' counts agree at the width where they agree best."""

    share: float
    """1 - sum|b - k a| / sum(b + k a): 1 where every bucket agrees."""
    gain: float
    """How much of what chance leaves open is explained: 1 is all, 0 no more than two steady rates. At most `share`."""
    ratio: float
    """Lines of B for each line of A: k or 1/k, k whole."""
    buckets: int


NONE = Agreement(0.0, 0.0, 0.0, 0)


class Counts:
    """One signature's counts along the time (or the positions) at any width, each made once."""

    __slots__ = ("_spreads", "_widths", "high", "lines", "low", "shift", "timeline", "total")

    def __init__(self, profile: SignatureProfile, *, by_time: bool) -> None:
        self.timeline = profile.times if by_time else profile.positions
        self.lines = profile.count
        self.shift = self.timeline.shift
        self.total = self.timeline.total()
        """Lines that stand on the axis; lines without a time don't."""
        self.low = min(self.timeline.buckets, default=0) << self.shift
        self.high = max(self.timeline.buckets, default=0) << self.shift
        self._widths: dict[int, dict[int, int]] = {}
        self._spreads: dict[int, float] = {}

    def at(self, shift: int) -> dict[int, int]:
        """Bucket -> lines at a width of `1 << shift`; not to be changed."""
        found = self._widths.get(shift)
        if found is None:  # from the next finer width: it has fewer buckets than the finest, and is asked for as well
            found = halved(self.at(shift - 1), 1) if shift > self.shift else self.timeline.buckets
            self._widths[shift] = found
        return found

    def spread(self, shift: int) -> float:
        """The sum over the buckets of a Poisson count's standard deviation, at the local rates."""
        found = self._spreads.get(shift)
        if found is None:
            cells = 1 << LOCAL
            found = self._spreads[shift] = sum(sqrt(cells * n) for n in self.at(shift + LOCAL).values())
        return found

    def outline(self, shift: int, origin: int) -> int:
        """A bit for each cell of a width of `1 << shift`, from `origin` on, that holds lines."""
        mask = 0
        for cell in {bucket >> (shift - self.shift) for bucket in self.timeline.buckets}:
            mask |= 1 << (cell - (origin >> shift))
        return mask


def agreement(a: Counts, b: Counts, *, share: float = 0.0, gain: float = 0.0) -> Agreement:
    """The best agreement of B's counts with A's over a range of widths; NONE if short of `share` or `gain`."""
    k_a, k_b = _whole_ratio(a.lines, b.lines)
    if not k_a or not a.total or not b.total:
        return NONE
    total = k_a * a.total + k_b * b.total
    best, least = NONE, gain
    finest = max(a.shift, b.shift)
    coarsest = _coarsest(min(a.low, b.low), max(a.high, b.high), finest)
    for shift in range(coarsest, finest - 1, -1):
        off, buckets = _off(a, b, shift, k_a, k_b)
        agreed = 1 - off / total
        if (shift == coarsest and agreed < share) or agreed < least - _ROUNDING:
            break
        # |Z| of a normal Z is at most |mean| + sigma sqrt(2/pi) in the mean, and the means differ as wide buckets do.
        spread = sqrt(2 / pi) * (k_a * a.spread(shift) + k_b * b.spread(shift))
        if off > (1 - least + _ROUNDING) * (_off(a, b, shift + LOCAL, k_a, k_b)[0] + spread):
            continue
        by_chance = _expected_off(a, b, shift, k_a, k_b)
        gained = 1 - off / by_chance if by_chance > 0 else 0.0
        if (gained, agreed) >= (best.gain, best.share) and (gained, agreed) > (0.0, 0.0):
            best = Agreement(agreed, gained, k_a / k_b, buckets)
            least = max(least, gained)
    return best if best.share >= share and best.gain >= gain else NONE


def coverage(a: Counts, b: Counts, *, share: float = 0.0, gain: float = 0.0, apart: float = 0.0) -> Agreement:
    """How much of B lies under A, for a B that takes part in some iterations only (at most once in each).

    `apart`: how far a B is known to stand from its A, in units of the axis: narrow buckets would part them. NONE if
    short of `share` or `gain`.
    """
    if not a.total or not b.total:
        return NONE
    best, least = NONE, gain
    finest = max(a.shift, b.shift, round(WIDER * apart).bit_length())
    coarsest = _coarsest(a.low, a.high, finest)
    for shift in range(coarsest, finest - 1, -1):
        of_a, of_b = a.at(shift), b.at(shift)
        covered = _shared(of_a, of_b, 1, 1)[0] / b.total
        if covered < share or covered < least - _ROUNDING:
            break  # at finer widths it is less
        expected = _expected_cover(a, b, shift) / b.total
        gained = (covered - expected) / (1 - expected) if expected < 0.999 else 0.0
        if (gained, covered) >= (best.gain, best.share) and (gained, covered) > (0.0, 0.0):
            best = Agreement(covered, gained, b.total / a.total, len(of_b))
            least = max(least, gained)
    return best if best.share >= share and best.gain >= gain else NONE


def _whole_ratio(a: int, b: int) -> tuple[int, int]:
    """(k_a, k_b) with k_a * a near k_b * b, one of them 1, the other at most 4; (0, 0) where there is none."""
    high, low = max(a, b), min(a, b)
    k = round(high / low)
    if k > 4 or abs(high - k * low) > max(2, 0.2 * high):
        return (0, 0)
    return (k, 1) if b >= a else (1, k)


def _coarsest(low: int, high: int, finest: int) -> int:
    """The coarsest width worth a look: the first with all in one bucket, at most WIDTHS from the finest."""
    differ = low ^ high
    last = finest + WIDTHS - 1
    return min(last, max(finest, differ.bit_length())) if differ >= 0 else last


def _off(a: Counts, b: Counts, shift: int, k_a: int, k_b: int) -> tuple[int, int]:
    """(sum|k_a a - k_b b|, occupied buckets): what isn't the lesser of both on both sides."""
    of_a, of_b = a.at(shift), b.at(shift)
    shared, both = _shared(of_a, of_b, k_a, k_b)
    return k_a * a.total + k_b * b.total - 2 * shared, len(of_a) + len(of_b) - both


def _shared(of_a: dict[int, int], of_b: dict[int, int], k_a: int, k_b: int) -> tuple[int, int]:
    """(sum min(k_a a, k_b b), buckets with lines of both)."""
    both = of_a.keys() & of_b.keys()
    shared = 0
    for x in both:
        left, right = k_a * of_a[x], k_b * of_b[x]
        shared += left if left < right else right
    return shared, len(both)


def _expected_off(a: Counts, b: Counts, shift: int, k_a: int, k_b: int) -> float:
    """What sum|k_a a - k_b b| would be for two independent Poisson counts of the same local rates."""
    wide_a, wide_b = a.at(shift + LOCAL), b.at(shift + LOCAL)
    low, high = min(a.low, b.low) >> shift, max(a.high, b.high) >> shift
    off = 0.0
    for x in wide_a.keys() | wide_b.keys():
        cells = _cells(x, low, high)
        mean_a, mean_b = wide_a.get(x, 0) / cells, wide_b.get(x, 0) / cells
        off += cells * min(
            _mean_abs(k_a * mean_a - k_b * mean_b, k_a * k_a * mean_a + k_b * k_b * mean_b),
            k_a * mean_a + k_b * mean_b,
        )
    return off


def _expected_cover(a: Counts, b: Counts, shift: int) -> float:
    """What sum min(a, b) would be for two independent Poisson counts of the same local rates."""
    wide_a, wide_b = a.at(shift + LOCAL), b.at(shift + LOCAL)
    low, high = min(a.low, b.low) >> shift, max(a.high, b.high) >> shift
    cover = 0.0
    for x in wide_b:
        cells = _cells(x, low, high)
        mean_a, mean_b = wide_a.get(x, 0) / cells, wide_b[x] / cells
        off = min(_mean_abs(mean_a - mean_b, mean_a + mean_b), mean_a + mean_b)
        cover += cells * max(0.0, (mean_a + mean_b - off) / 2)
    return cover


def _cells(wide: int, low: int, high: int) -> int:
    """How many of the buckets of a wide one lie in the span of both lines: their rate is no lower for its end."""
    return min(high, ((wide + 1) << LOCAL) - 1) - max(low, wide << LOCAL) + 1


def _mean_abs(mean: float, variance: float) -> float:
    """E|Z| of a normal Z."""
    if variance <= 0:
        return abs(mean)
    sigma = sqrt(variance)
    return sigma * sqrt(2 / pi) * exp(-mean * mean / (2 * variance)) + mean * erf(mean / (sigma * sqrt(2)))


class Outlines:
    """Where each of many signatures has lines, in cells so wide that no pair is compared at a wider width.

    Two signatures whose counts agree, or of which one lies under the other, stand mostly in the same cells. This rules
    most pairs out at the price of one bitwise operation.
    """

    def __init__(self, counts: list[Counts]) -> None:
        """`counts`: in descending order of their lines."""
        self.counts = counts
        placed = [c for c in counts if c.total]
        self.origin = min((c.low for c in placed), default=0)
        span = max((c.high for c in placed), default=0) - self.origin
        self.least = max(0, span.bit_length() - CELLS.bit_length() + 1)
        self._rows: dict[int, list[tuple[int, int, int]]] = {}
        self.widths = sorted({self._width(c) for c in placed})

    def _width(self, counts: Counts) -> int:
        return max(self.least, counts.shift + WIDTHS - 1)

    def _row(self, width: int) -> list[tuple[int, int, int]]:
        """For each signature with lines, up to this width: (its place, its outline, least cells to share)."""
        if width not in self._rows:
            rows = self._rows[width] = []
            for i, c in enumerate(self.counts):
                if c.total and self._width(c) <= width:
                    mask = c.outline(width, self.origin)
                    # An agreement of 0.8 leaves at most a third of the lines of either side beside the other.
                    rows.append((i, mask, max(1, mask.bit_count() - c.total // 3)))
        return self._rows[width]

    def near(self, i: int) -> list[int]:
        """The places of the signatures that may agree with the i-th, or lie under it, or it under them."""
        own = self.counts[i]
        if not own.total:
            return []
        least = self._width(own)
        out: list[int] = []
        for width in self.widths:
            if width < least:
                continue
            mask = own.outline(width, self.origin)
            most = max(1, mask.bit_count() - own.total // 3)
            out += [
                j
                for j, other, needed in self._row(width)
                if ((cells := (mask & other).bit_count()) >= needed or cells >= most)
                and (width == least or self._width(self.counts[j]) == width)
            ]
        return out
