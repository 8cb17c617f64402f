"""Which signatures go together: counts that agree bucket by bucket, beyond what chance would give.

Counts ignore how attempts interleave and which lines lack ids, so this works where sessions can't be cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, pi, sqrt

from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.timeline import Timeline

WIDTHS = 12
"""Powers of two above the finest common width that are tried."""
LOCAL = 3
"""log2 of the neighbours over which a local rate is taken, to know what chance would give."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two signatures' counts agree at the width where they agree best."""

    share: float
    """1 - sum|b - k a| / sum(b + k a): 1 where every bucket agrees."""
    gain: float
    """How much of what chance leaves open is explained: 1 is all, 0 no more than two steady rates."""
    ratio: float
    """Lines of B for each line of A: k or 1/k, k whole."""
    buckets: int


NONE = Agreement(0.0, 0.0, 0.0, 0)


def agreement(a: SignatureProfile, b: SignatureProfile, *, by_time: bool) -> Agreement:
    """The best agreement of B's counts with A's over a range of widths."""
    axis_a, axis_b = (a.times, b.times) if by_time else (a.positions, b.positions)
    k_a, k_b = _whole_ratio(a.count, b.count)
    if not k_a or not axis_a.buckets or not axis_b.buckets:
        return NONE
    best = NONE
    finest = max(axis_a.shift, axis_b.shift)
    for shift in range(finest, finest + WIDTHS):
        found = _at(axis_a, axis_b, shift, k_a, k_b)
        if (found.gain, found.share) > (best.gain, best.share):
            best = found
        if found.buckets <= 1:
            break
    return best


def coverage(a: SignatureProfile, b: SignatureProfile, *, by_time: bool) -> Agreement:
    """How much of B lies under A, for a B that takes part in some iterations only (at most once in each)."""
    axis_a, axis_b = (a.times, b.times) if by_time else (a.positions, b.positions)
    if not axis_a.buckets or not axis_b.buckets:
        return NONE
    best = NONE
    finest = max(axis_a.shift, axis_b.shift)
    for shift in range(finest, finest + WIDTHS):
        of_a, of_b = axis_a.at(shift), axis_b.at(shift)
        total = sum(of_b.values())
        share = sum(min(n, of_a.get(bucket, 0)) for bucket, n in of_b.items()) / total
        expected = _expected_cover(of_a, of_b) / total
        gain = (share - expected) / (1 - expected) if expected < 0.999 else 0.0
        found = Agreement(share, gain, total / max(1, sum(of_a.values())), len(of_b))
        if (found.gain, found.share) > (best.gain, best.share):
            best = found
        if len(of_a) <= 1:
            break
    return best


def _whole_ratio(a: int, b: int) -> tuple[int, int]:
    """(k_a, k_b) with k_a * a near k_b * b, one of them 1, the other at most 4; (0, 0) where there is none."""
    high, low = max(a, b), min(a, b)
    k = round(high / low)
    if k > 4 or abs(high - k * low) > max(2, 0.2 * high):
        return (0, 0)
    return (k, 1) if b >= a else (1, k)


def _at(axis_a: Timeline, axis_b: Timeline, shift: int, k_a: int, k_b: int) -> Agreement:
    of_a, of_b = axis_a.at(shift), axis_b.at(shift)
    buckets = of_a.keys() | of_b.keys()
    total = k_a * sum(of_a.values()) + k_b * sum(of_b.values())
    off = sum(abs(k_a * of_a.get(x, 0) - k_b * of_b.get(x, 0)) for x in buckets)
    by_chance = _expected_off(of_a, of_b, k_a, k_b)
    gain = 1 - off / by_chance if by_chance > 0 else 0.0
    return Agreement(1 - off / total, gain, k_a / k_b, len(buckets))


def _local(counts: dict[int, int]) -> dict[int, int]:
    out: dict[int, int] = {}
    for bucket, n in counts.items():
        out[bucket >> LOCAL] = out.get(bucket >> LOCAL, 0) + n
    return out


def _expected_off(of_a: dict[int, int], of_b: dict[int, int], k_a: int, k_b: int) -> float:
    """What sum|k_a a - k_b b| would be for two independent Poisson counts of the same local rates."""
    wide_a, wide_b = _local(of_a), _local(of_b)
    cells = 1 << LOCAL
    off = 0.0
    for x in wide_a.keys() | wide_b.keys():
        mean_a, mean_b = wide_a.get(x, 0) / cells, wide_b.get(x, 0) / cells
        off += cells * min(
            _mean_abs(k_a * mean_a - k_b * mean_b, k_a * k_a * mean_a + k_b * k_b * mean_b),
            k_a * mean_a + k_b * mean_b,
        )
    return off


def _expected_cover(of_a: dict[int, int], of_b: dict[int, int]) -> float:
    """What sum min(a, b) would be for two independent Poisson counts of the same local rates."""
    wide_a, wide_b = _local(of_a), _local(of_b)
    cells = 1 << LOCAL
    cover = 0.0
    for x in wide_b:
        mean_a, mean_b = wide_a.get(x, 0) / cells, wide_b[x] / cells
        off = min(_mean_abs(mean_a - mean_b, mean_a + mean_b), mean_a + mean_b)
        cover += cells * max(0.0, (mean_a + mean_b - off) / 2)
    return cover


def _mean_abs(mean: float, variance: float) -> float:
    """E|Z| of a normal Z."""
    if variance <= 0:
        return abs(mean)
    sigma = sqrt(variance)
    return sigma * sqrt(2 / pi) * exp(-mean * mean / (2 * variance)) + mean * erf(mean / (sigma * sqrt(2)))
