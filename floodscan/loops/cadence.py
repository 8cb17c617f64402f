"""The pace of a loop: gaps between the attempts of one driver, and the policy that would make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from floodscan.averages import mean, median
from floodscan.model import Cadence, Gap

IMMEDIATE_MS = 250
"""A gap below this is no pause: a reconnect at once plus the round trip and the failing call (lab: 80 to 200 ms)."""
STEADY = 0.25
"""Spread of the gaps, (p90 - p10) / median, up to which they count as one value (lab: a fixed 500 ms gives 0.1)."""
PAUSE_MS = 50
"""A shorter gap is no pause, however even (a log that feeds itself: 0 to 2 ms)."""
EVEN = 0.15
"""Spread up to which a gap below IMMEDIATE_MS is a pause all the same: no round trip is so even (ioredis waiting a fixed
100 ms: 0.11; a worker waiting 200 ms: 0.01; the lab's immediate reconnects: 0.36 to 0.59)."""
EVEN_GAPS = 8
"""Gaps from which an even pace below IMMEDIATE_MS is no chance."""
GROWTH = 1.25
"""Smallest factor from gap to gap that counts as exponential (reconnecting-websocket: 1.3)."""
MAJORITY = 0.6
"""Share of the drivers that must show one cadence; where they differ in growing, chance is at work: jitter."""
FEW = 3
"""Gaps of one driver below which nothing is said of growth."""
CHANCE = 6
"""Gaps of all drivers together below which growth by no rule is none: of three gaps that chance made every other set
"grows" (580 ms, 129 ms, 2.9 s of a kubelet that looks for a secret)."""


def gap_of(gaps: Sequence[int]) -> Gap | None:
    """Median, 10th and 90th percentile of the gaps in milliseconds."""
    if not gaps:
        return None
    ordered = sorted(gaps)
    last = len(ordered) - 1
    return Gap(round(median(ordered)), ordered[round(0.1 * last)], ordered[round(0.9 * last)])


def cadence_of(runs: Sequence[Sequence[int]], resolution_ms: int = 1) -> Cadence:
    """The cadence that most drivers show.

    runs: for each driver its gaps in milliseconds, from its first failure on; resolution_ms: the clock's, by which each
    gap may be off either way.
    """
    votes: Counter[Cadence] = Counter(_one(run, resolution_ms) for run in runs)
    del votes["unknown"]
    if not votes:
        return "unknown"
    order: tuple[Cadence, ...] = ("immediate", "fixed", "linear", "exponential", "jittered", "stepped", "irregular")
    best = max(order, key=lambda c: (votes[c], -order.index(c)))
    if votes[best] < MAJORITY * votes.total():
        spread = votes["exponential"] + votes["jittered"] + votes["stepped"] + votes["linear"]
        best = "jittered" if spread >= votes["irregular"] and spread * 2 >= votes.total() else best
    return "irregular" if best == "jittered" and sum(map(len, runs)) < CHANCE else best


def _one(run: Sequence[int], resolution: int) -> Cadence:
    if len(run) < FEW:
        return "unknown"
    gap = gap_of(run)
    assert gap is not None
    if resolution == 1 and len(run) >= EVEN_GAPS and gap.median >= PAUSE_MS and gap.p90 - gap.p10 <= EVEN * gap.median:
        return "fixed"
    if gap.p90 <= IMMEDIATE_MS or (gap.median <= IMMEDIATE_MS and _growth(run) < GROWTH):
        return "immediate"
    blur = resolution if resolution > 1 else 0
    if (gap.p90 - gap.p10) <= STEADY * gap.median + blur:
        return "fixed"
    rising = _rising_part(run, blur)
    # Where a cap holds the gaps from then on, the last step, the one to it, is as short as it happens to be.
    capped = FEW < len(rising) < len(run) and rising[-1] * rising[-3] <= rising[-2] ** 2
    uncapped = rising[:-1] if capped else []
    for part in (rising, uncapped):
        if len(part) >= FEW:
            if _is_linear(part, blur):
                return "linear"
            if _is_exponential(part, blur):
                return "exponential"
    if _is_stepped(run):
        return "stepped"
    if _growth(run) >= 1.5 or gap.p90 > 3 * max(1, gap.p10):
        return "jittered" if _growth(run) >= 1.5 else "irregular"
    return "irregular"


def _rising_part(run: Sequence[int], blur: int) -> list[int]:
    """The gaps up to the cap: the longest beginning in which each is larger than the one before."""
    out = [run[0]]
    for gap in run[1:]:
        if gap <= out[-1] * 1.02 + 5 - blur:
            break
        out.append(gap)
    while blur and len(out) > 2 and out[-1] <= 1.1 * out[-2] + blur:
        out.pop()
    rest = run[len(out) :]
    if rest and (min(rest) < 0.8 * out[-1] - blur or max(rest) > 1.3 * out[-1] + blur):
        return []
    return out


def _is_linear(rising: Sequence[int], blur: int) -> bool:
    steps = [b - a for a, b in zip(rising, rising[1:], strict=False)]
    step = median(steps)
    return len(steps) >= 2 and max(abs(s - step) for s in steps) <= max(0.25 * step, 30) + blur


def _is_exponential(rising: Sequence[int], blur: int) -> bool:
    factors = [b / max(1, a) for a, b in zip(rising, rising[1:], strict=False)]
    factor = factors[-1] if blur else median(factors)
    return factor >= GROWTH and all(
        abs(b - factor * a) <= 0.35 * factor * a + (1 + factor) * blur for a, b in zip(rising, rising[1:], strict=False)
    )


def _is_stepped(run: Sequence[int]) -> bool:
    """Plateaus: few values, each held for a while or each reached by a clear step, and never a step back."""
    levels: list[int] = []
    for gap in run:
        if not levels or gap > 1.3 * levels[-1]:
            levels.append(gap)
        elif gap < 0.75 * levels[-1]:
            return False
    return 2 <= len(levels) <= len(run) // 2


def _growth(run: Sequence[int]) -> float:
    """The later half over the first half, by median and by mean, whichever grew less: two values in turn do not grow."""
    half = len(run) // 2
    if not half:
        return 1.0
    return min(middle(run[half:]) / max(1.0, middle(run[:half])) for middle in (median, mean))
