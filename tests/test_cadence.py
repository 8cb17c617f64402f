"""The policy of a client is read from its gaps, also on a clock of whole seconds; and where one line lies under another."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import accumulate, pairwise

import pytest

from floodscan.loops.cadence import cadence_of
from floodscan.loops.pairs import LOCAL, NONE, WIDTHS, Agreement, Counts, coverage
from floodscan.model import Signature
from floodscan.profile.signature_profile import Caps, SignatureProfile


def on_seconds(gaps: list[int], offset: int) -> list[int]:
    """The same gaps on a clock of whole seconds."""
    times = [t // 1000 for t in accumulate(gaps, initial=offset)]
    return [1000 * (b - a) for a, b in pairwise(times)]


def fixed(base: int, rng: random.Random) -> list[int]:
    return [base + rng.randint(-base // 50, base // 50) for _ in range(12)]


def linear(base: int, rng: random.Random) -> list[int]:
    return [min(base * (n + 1), 8 * base) + rng.randint(0, base // 60) for n in range(11)]


def exponential(base: int, rng: random.Random, factor: float = 2.0) -> list[int]:
    return [round(min(base * factor**n, base * factor**6)) + rng.randint(0, base // 60) for n in range(9)]


POLICIES = {"fixed": fixed, "linear": linear, "exponential": exponential}


@pytest.mark.parametrize("base", [300, 1_000, 3_000, 10_000])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_clients_policy_is_read_from_its_gaps(policy: str, base: int) -> None:
    for seed in range(8):
        gaps = POLICIES[policy](base, random.Random(seed))
        assert cadence_of([gaps]) == policy
        assert cadence_of([gaps] * 3) == policy


@pytest.mark.parametrize("base", [3_000, 5_000, 20_000])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_clients_policy_is_read_from_its_gaps_on_a_clock_of_seconds(policy: str, base: int) -> None:
    for seed in range(8):
        gaps = POLICIES[policy](base, random.Random(seed))
        assert cadence_of([on_seconds(gaps, 125 * seed)], 1000) == policy, gaps


@pytest.mark.parametrize("factor", [1.3, 1.5, 2.0, 3.0])
def test_growth_by_any_factor_from_a_quarter_on_is_exponential(factor: float) -> None:
    for seed in range(5):
        assert cadence_of([exponential(500, random.Random(seed), factor)]) == "exponential"


@pytest.mark.parametrize(
    ("gaps", "cadence"),
    [
        # immediate: no pause but the round trip and the failing call
        ([250] * 5, "immediate"),
        ([251] * 5, "fixed"),
        ([40, 60, 50, 700, 45, 52], "immediate"),
        ([60, 60, 60, 60, 300, 300, 300, 300], "stepped"),
        # one value, give or take a quarter in all
        ([1000, 1000, 1125, 1250], "fixed"),
        ([875, 1000, 1000, 1130], "irregular"),
        ([1000, 1000, 1000, 1260], "irregular"),
        # two gaps say nothing, three do
        ([1000, 2000], "unknown"),
        ([1000, 2000, 4000], "exponential"),
        ([1000, 2000, 3000], "linear"),
        # linear: a step that stays, give or take a quarter or 30 ms
        ([100, 200, 300, 400, 500], "linear"),
        ([100, 200, 330, 430, 530], "linear"),
        ([400, 800, 1300, 1700, 2100], "linear"),
        ([400, 800, 1310, 1710, 2110], "irregular"),  # too few gaps to tell growth by chance
        ([400, 800, 1300, 1700, 2100, 2500], "linear"),
        ([400, 800, 1310, 1710, 2110, 2510], "jittered"),
        # up to a cap that holds
        ([500, 1000, 1500, 2000, 2000, 2010, 1990], "linear"),
        ([500, 1000, 2000, 4000, 4000, 4100, 3300], "exponential"),
        ([500, 1000, 2000, 4000, 4000, 4100, 3100], "jittered"),
        ([500, 1000, 2000, 4000, 4000, 5100], "exponential"),
        ([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000], "exponential"),  # the last step is the cap's
        ([500, 1000, 1500, 2000, 2500, 2600, 2600, 2590], "linear"),
        ([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000], "jittered"),  # what follows may be anything
        ([500, 1000, 2000, 4000, 4000, 5300], "jittered"),
        # plateaus
        ([1000, 1000, 5000, 5000], "stepped"),
        ([1000, 1000, 1000, 5000], "stepped"),
        ([1000, 1000, 5000, 5000, 3700, 5000], "jittered"),
        ([1000, 1000, 1290, 1300, 1680], "stepped"),
        # chance
        ([100, 5000, 300, 900, 40, 7000, 200, 1000], "irregular"),
        ([400, 700, 300, 900, 2000, 4100, 1900, 5000], "jittered"),
        ([2000, 500, 2000, 500, 2000, 500, 2000, 500], "irregular"),
    ],
)
def test_what_gaps_amount_to(gaps: list[int], cadence: str) -> None:
    assert cadence_of([gaps]) == cadence


AT_ONCE, EVEN, DOUBLING = [90] * 5, [1000] * 5, [500, 1000, 2000, 4000, 8000]
GROWING, UNEVEN = [100, 200, 300, 400, 500], [100, 5000, 300, 900, 40, 7000, 200, 1000]
CHANCE, STEPS = [400, 700, 300, 900, 2000, 4100, 1900, 5000], [1000, 1000, 5000, 5000]


@pytest.mark.parametrize(
    ("runs", "cadence"),
    [
        ([EVEN] * 3 + [UNEVEN] * 2, "fixed"),
        ([EVEN] * 3 + [AT_ONCE] * 2, "fixed"),
        ([AT_ONCE, EVEN], "immediate"),
        ([EVEN, UNEVEN], "fixed"),
        ([UNEVEN] * 3 + [EVEN] * 2, "irregular"),
        ([DOUBLING] * 2 + [CHANCE] * 2, "jittered"),
        ([DOUBLING] * 2 + [GROWING] * 2, "jittered"),
        ([DOUBLING, STEPS, EVEN], "jittered"),
        ([GROWING] * 2 + [DOUBLING, EVEN], "jittered"),
        ([DOUBLING] + [EVEN] * 2, "fixed"),
        ([DOUBLING, EVEN, AT_ONCE], "immediate"),
        ([DOUBLING, UNEVEN], "jittered"),
        ([DOUBLING] * 2 + [UNEVEN] * 2 + [EVEN], "exponential"),
        ([DOUBLING, [1000], [90, 95]], "exponential"),
    ],
)
def test_the_cadence_is_that_of_most_drivers_and_of_those_that_grow_differently_chances(
    runs: list[list[int]], cadence: str
) -> None:
    assert cadence_of(runs) == cadence


# ---------------------------------------------------------------- one line under another


def counts(times: list[int]) -> Counts:
    profile = SignatureProfile(Signature("a" * 12, "a", ("a",)), Caps())
    for position, time in enumerate(times):
        profile.count += 1
        profile.times.add(time)
        profile.positions.add(position)
    return Counts(profile, by_time=True)


def mean_of_lesser(m: float, n: float) -> float:
    """E min of two independent counts with the means m and n, as normals: half of what the sum exceeds |difference|."""
    if m + n <= 0:
        return 0.0
    sigma, z = math.sqrt(m + n), (m - n) / math.sqrt(m + n)
    off = sigma * (math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + z * math.erf(z / math.sqrt(2)))
    return max(0.0, (m + n - min(off, m + n)) / 2)


def all_widths(a: list[int], b: list[int], apart: float, share: float, gained: float) -> Agreement:
    """The definition, width by width, from the times: of the widths at which so much of B lies in buckets that A has as
    many lines in, the one that chance explains least."""
    finest = max(counts(a).shift, counts(b).shift, round(8 * apart).bit_length())
    first, last = min(*a, *b), max(*a, *b)
    best = NONE
    for shift in range(finest, finest + WIDTHS):
        of_a, of_b = Counter(t >> shift for t in a), Counter(t >> shift for t in b)
        wide_a, wide_b = Counter(t >> shift + LOCAL for t in a), Counter(t >> shift + LOCAL for t in b)
        covered = sum(min(of_a[x], n) for x, n in of_b.items()) / len(b)
        chance = 0.0
        for x, n in wide_b.items():
            cells = sum(first >> shift <= cell <= last >> shift for cell in range(8 * x, 8 * x + 8))
            chance += cells * mean_of_lesser(wide_a[x] / cells, n / cells)
        chance /= len(b)
        gain = (covered - chance) / (1 - chance) if chance < 0.999 else 0.0
        if covered >= share and (gain, covered) > (best.gain, best.share):
            best = Agreement(covered, gain, len(b) / len(a), len(of_b))
        if min(a) >> shift == max(a) >> shift:
            break
    return best if best.share >= share and best.gain >= gained else NONE


def drawn_part(seed: int) -> tuple[list[int], list[int]]:
    """Failures, and a line of some of the attempts: with them, late, in bursts of its own, or by chance."""
    rng = random.Random(seed)
    at, a = 1_760_000_000_000, []
    for _ in range(rng.choice((20, 60, 200))):
        at += rng.choice((80, 90, 120, 2500, 7000))
        a.append(at)
    part = rng.sample(a, max(3, round(rng.choice((0.3, 0.6, 0.9)) * len(a))))
    late = rng.choice((0, 15, 400))
    b = [t + late + rng.randint(0, 9) for t in part]
    if seed % 4 == 0:
        b = [rng.randint(a[0], a[-1]) for _ in part]
    if seed % 5 == 0:
        b += [a[-1] + 60_000 + 40 * n for n in range(len(part) // 3)]
    return a, sorted(b)


@pytest.mark.parametrize("seed", range(40))
def test_how_much_of_a_line_lies_under_another_is_what_the_definition_says(seed: int) -> None:
    a, b = drawn_part(seed)
    for apart in (0.0, 20.0, 450.0):
        for share, gain in ((0.0, 0.0), (0.9, 0.5), (0.9, 0.0), (0.5, 0.8)):
            truth = all_widths(a, b, apart, share, gain)
            found = coverage(counts(a), counts(b), share=share, gain=gain, apart=apart)
            assert (found.share, found.gain, found.ratio, found.buckets) == pytest.approx(
                (truth.share, truth.gain, truth.ratio, truth.buckets)
            )
