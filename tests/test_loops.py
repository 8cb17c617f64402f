"""What is a retry loop, who drives it, at what pace and how it ends: drawn logs, and the parts one by one."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from typing import Any

import pytest
from drawn_logs import POLICIES, QUIET, START, Drawn, Line, draw_loop, drawn, in_order, traffic, written
from lab import report_of

from floodscan.detectors.expected_failure import wilson
from floodscan.detectors.retry import attempts_with_backoff
from floodscan.loops.cadence import cadence_of, gap_of
from floodscan.loops.groups import AGREE, CANDIDATES, COVER, GAIN, candidates, find_groups
from floodscan.loops.links import Scenes
from floodscan.loops.pairs import LOCAL, NONE, WIDTHS, Agreement, Counts, Outlines, agreement, coverage
from floodscan.model import Signature
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import Caps, SignatureProfile

SEEDS = range(30)


def the_loop(seed: int) -> tuple[Drawn, dict[str, Any], dict[str, str]]:
    """The truth, the loop that holds the drawn failure, and each signature's text by its id."""
    truth, report = drawn(seed)
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    loops = [loop for loop in report["loops"] if truth.failure in map(texts.get, loop["signatures"])]
    assert len(loops) == 1, [(x["iterations"], [texts[s] for s in x["signatures"]]) for x in report["loops"]]
    return truth, loops[0], texts


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_loop_is_found_with_its_exact_iterations_and_actors(seed: int) -> None:
    truth, loop, _ = the_loop(seed)
    assert loop["iterations"] == truth.iterations
    assert loop["driver"] == "actor" and loop["actors"]["distinct"] == truth.actors


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_loop_is_the_only_one(seed: int) -> None:
    _, report = drawn(seed)
    assert len(report["loops"]) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cadence_of_a_drawn_loop_is_its_clients_policy(seed: int) -> None:
    truth, loop, _ = the_loop(seed)
    allowed = {truth.policy}
    if truth.policy == "jittered":
        allowed |= (
            {"exponential"} if truth.actors == 1 else set()
        )  # few gaps of one client can't tell chance from growth
    assert loop["cadence"] in allowed
    assert (loop["status"] == "backoff") == (truth.policy in ("linear", "exponential", "jittered"))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_outcome_of_a_drawn_loop_is_how_it_ended(seed: int) -> None:
    truth, loop, _ = the_loop(seed)
    assert loop["outcome"] == truth.outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lines_of_a_drawn_loop_stand_in_the_order_of_an_attempt(seed: int) -> None:
    truth, loop, texts = the_loop(seed)
    found = [texts[s] for s in loop["signatures"]]
    assert [text for text in found if text in truth.order] == truth.order
    assert "incoming request" not in found and "request completed" not in found


@pytest.mark.parametrize("seed", range(100, 110))
def test_a_failing_line_without_any_id_is_counted_and_its_actors_are_found_on_the_line_before(seed: int) -> None:
    truth = draw_loop(seed, bare=True)
    report = report_of(truth.log)
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    loops = [loop for loop in report["loops"] if truth.failure in map(texts.get, loop["signatures"])]
    assert [loop["iterations"] for loop in loops] == [truth.iterations]
    assert loops[0]["actors"]["distinct"] == truth.actors and loops[0]["outcome"] == truth.outcome


@pytest.mark.parametrize("user_on_failure", [True, False], ids=["user-on-the-failure", "user-on-the-first-line"])
@pytest.mark.parametrize("seed", range(200, 210))
def test_a_few_who_loop_are_found_among_many_who_get_in_by_the_same_lines(seed: int, user_on_failure: bool) -> None:
    truth = draw_loop(seed, others_ms=1500, user_on_failure=user_on_failure)
    report = report_of(truth.log)
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    loops = [loop for loop in report["loops"] if truth.failure in map(texts.get, loop["signatures"])]
    assert [loop["iterations"] for loop in loops] == [truth.iterations]
    assert loops[0]["actors"] and loops[0]["actors"]["distinct"] == truth.actors
    assert loops[0]["outcome"] == truth.outcome, "the success of others is no recovery"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("draw", QUIET, ids=[draw.__name__ for draw in QUIET])
def test_a_log_that_only_looks_busy_has_no_loop(draw: Any, seed: int) -> None:
    rng = random.Random(seed)
    report = report_of(written(rng, draw(rng)))
    assert report["input"]["records"] > 50
    assert report["loops"] == []
    assert report["verdict"] not in ("storm", "flood")


def test_ordinary_traffic_with_no_failure_has_no_loop_and_is_quiet() -> None:
    report = report_of(in_order(traffic(random.Random(5), 0, 300_000, 200)))
    assert report["loops"] == [] and report["verdict"] == "quiet" and report["findings"] == []


def test_failures_that_come_by_chance_are_no_loop_however_many_they_are() -> None:
    found = 0
    for seed in range(10):
        rng = random.Random(seed)
        times = sorted(rng.randrange(3_600_000) for _ in range(rng.randrange(600, 1_400)))
        report = report_of(in_order([(at, {"level": 50, "msg": "Disk is slow"}) for at in times]))
        assert report["signatures"][0]["count"] == len(times)
        found += len(report["loops"])
    assert found <= 2, "thirty kept gaps of each can't always tell"


# ---------------------------------------------------------------- the figures that decide a status

FAILS = {
    "type": "Error",
    "message": "read ECONNRESET",
    "code": "ECONNRESET",
    "stack": "Error: read ECONNRESET\n    at x",
}


def retries(times: list[int], level: int = 50, **fields: Any) -> list[Line]:
    """One user's attempts at the given milliseconds: a line that begins, and one that fails."""
    who = {"userId": "7d4f3a9e-21b0-4c1d-9f6a-0e5b8c2d4a11"}
    lines: list[Line] = []
    for number, at in enumerate(times):
        conn = {"connId": f"c{number:06x}f9"}
        lines.append((at, {"level": 30, **who, **conn, "msg": "Sync requested"}))
        lines.append((at + 8, {"level": level, **conn, **fields, "msg": "Sync aborted"}))
    return lines


def status_of(lines: list[Line]) -> str | None:
    """The status of the only loop, or None."""
    report = report_of(in_order(lines))
    assert len(report["loops"]) <= 1
    assert (report["verdict"] == "storm") == any(x["status"] == "storm" for x in report["loops"])
    return report["loops"][0]["status"] if report["loops"] else None


@pytest.mark.parametrize(("count", "status"), [(2, None), (3, "loop"), (19, "loop"), (20, "storm"), (21, "storm")])
def test_twenty_iterations_by_one_driver_make_a_storm_and_three_a_loop(count: int, status: str | None) -> None:
    times = [1000 + 400 * i for i in range(count)]
    assert status_of(retries(times, err=FAILS)) == status


def test_a_slow_loop_that_is_a_small_part_of_the_log_is_no_storm() -> None:
    slow = retries([3000 * i for i in range(40)], err=FAILS)
    assert status_of([*slow, *traffic(random.Random(1), 0, 120_000, 200)]) == "loop"


def test_a_slow_loop_that_is_a_quarter_of_a_long_log_is_a_storm() -> None:
    slow = retries([3000 * i for i in range(120)], err=FAILS)
    assert status_of([*slow, *traffic(random.Random(1), 0, 360_000, 2000)]) == "storm"


def test_a_backoff_is_never_a_storm_however_much_of_the_log_it_is() -> None:
    at, times = 0, []
    for i in range(150):
        times.append(at)
        at += min(4000, 50 * (i + 1))
    assert status_of(retries(times, err=FAILS)) == "backoff"


def test_failures_that_are_only_warnings_are_a_loop_and_never_a_storm() -> None:
    times = [200 * i for i in range(150)]
    assert status_of(retries(times, level=40)) == "loop"
    assert status_of(retries(times, level=40, err=FAILS)) == "storm", "with an error it is one"


def test_many_actors_with_few_attempts_each_are_no_storm_by_their_sum() -> None:
    lines: list[Line] = []
    for actor in range(10):
        user = f"{random.Random(actor).getrandbits(128):032x}"
        for i in range(6):
            conn = f"c{actor:03x}{i:03x}e1"
            at = 800 * i + 37 * actor
            lines.append((at, {"level": 30, "userId": user, "connId": conn, "msg": "Sync requested"}))
            lines.append((at + 8, {"level": 50, "connId": conn, "err": FAILS, "msg": "Sync aborted"}))
    report = report_of(in_order(lines))
    assert [(x["status"], x["iterations"], x["actors"]["distinct"]) for x in report["loops"]] == [("loop", 60, 10)]


def test_a_failure_followed_by_success_in_each_attempt_is_a_branch_and_no_loop() -> None:
    lines: list[Line] = []
    for i in range(40):
        conn = {"connId": f"c{i:06x}f9"}
        at = 500 * i
        lines.append((at, {"level": 50, **conn, "err": FAILS, "msg": "Replica not used"}))
        lines.append((at + 5, {"level": 30, **conn, "orderId": f"o{i:05x}77", "msg": "Primary used"}))
        lines.append((at + 9, {"level": 30, **conn, "msg": "Order stored"}))
    report = report_of(in_order(lines))
    assert report["loops"] == []
    assert [f["role"] for f in report["findings"]] == ["noise"]


# ---------------------------------------------------------------- gaps and cadence

IMMEDIATE = [183, 176, 204, 168, 191, 222, 157, 189, 199, 173]
HALF_SECOND = [1104, 1121, 1098, 1150, 1112, 1133, 1127, 1119]
IOREDIS_FIXED = [103, 101, 102, 112, 103, 104, 101, 103, 110, 102, 103]
IOREDIS5 = [52, 103, 153, 204, 254, 303, 355, 404, 455, 505, 555, 604, 656, 705, 756]
IOREDIS5_CAPPED = [*range(50, 2001, 50), 2001, 2000, 2002, 2001, 2000]
DOUBLING = [596, 1102, 2098, 4101, 8103, 8099, 8101]
DRAWN_AT_RANDOM = [310, 1422, 2204, 1877, 6912, 4410, 7790, 2110, 9044]


@pytest.mark.parametrize(
    ("runs", "cadence"),
    [
        ([IMMEDIATE], "immediate"),
        ([[3, 2, 4, 2, 3]], "immediate"),
        ([HALF_SECOND], "fixed"),
        ([IOREDIS_FIXED], "fixed"),
        ([IOREDIS_FIXED[:7]], "immediate"),
        ([[1, 2, 1, 2, 1, 2, 1, 2, 1]], "immediate"),
        ([HALF_SECOND, HALF_SECOND, HALF_SECOND], "fixed"),
        ([[3000, 2998, 3001, 3003, 2999, 3000]], "fixed"),
        ([IOREDIS5], "linear"),
        ([IOREDIS5_CAPPED], "linear"),
        ([DOUBLING], "exponential"),
        ([[501, 1002, 2001, 4003]], "exponential"),
        ([[1150, 2141, 4197]], "exponential"),
        ([[1000, 1300, 1690, 2197, 2856, 3713]], "exponential"),
        ([DOUBLING] * 8, "exponential"),
        ([], "unknown"),
        ([[]], "unknown"),
        ([[400]], "unknown"),
        ([[400, 800]], "unknown"),
    ],
)
def test_a_cadence_is_read_from_the_gaps(runs: list[list[int]], cadence: str) -> None:
    assert cadence_of(runs) == cadence


@pytest.mark.parametrize("run", [DRAWN_AT_RANDOM, [2, 4999, 17, 803, 30_003, 44, 21_000, 5]])
def test_gaps_that_chance_made_are_not_said_to_grow_by_rule(run: list[int]) -> None:
    assert cadence_of([run]) in ("jittered", "irregular", "unknown")


def test_plateaus_are_stepped() -> None:
    assert cadence_of([[1000] * 4 + [5000] * 4 + [30_000] * 4]) == "stepped"


def test_the_majority_of_the_drivers_decides() -> None:
    assert cadence_of([HALF_SECOND] * 7 + [[1, 900, 30, 5000, 2]]) == "fixed"


def test_a_driver_with_too_few_gaps_has_no_vote() -> None:
    assert cadence_of([DOUBLING, [500], [500, 1000]]) == "exponential"


def test_gaps_on_a_clock_of_seconds_may_be_off_by_one() -> None:
    assert cadence_of([[3000, 4000, 3000, 3000, 4000, 3000]], resolution_ms=1000) == "fixed"


def test_gap_of_gives_the_median_and_the_tenths() -> None:
    gap = gap_of([100, 50, 200, 150, 250, 300, 350, 400, 450, 500, 550])
    assert gap is not None and (gap.median, gap.p10, gap.p90) == (300, 100, 500)
    assert gap_of([]) is None
    lonely = gap_of([7])
    assert lonely is not None and (lonely.median, lonely.p10, lonely.p90) == (7, 7, 7)


# ---------------------------------------------------------------- accompaniment


def profile_at(name: str, times: list[int]) -> SignatureProfile:
    profile = SignatureProfile(Signature(name * 12, name, (name,)), Caps())
    for position, time in enumerate(times):
        profile.count += 1
        profile.times.add(time)
        profile.positions.add(position)
    return profile


def unsteady(rng: random.Random, count: int) -> list[int]:
    at, out = START, []
    for _ in range(count):
        at += rng.choice((80, 90, 120, 2500, 7000))
        out.append(at)
    return out


def counts(times: list[int]) -> Counts:
    return Counts(profile_at("a", times), by_time=True)


def test_a_line_that_comes_with_each_failure_agrees_with_it() -> None:
    rng = random.Random(11)
    times = unsteady(rng, 80)
    companion = [t + rng.randint(1, 9) for t in times]
    found = agreement(counts(times), counts(companion))
    assert found.share > 0.95 and found.gain > 0.8 and found.ratio == 1


def test_a_line_that_comes_twice_with_each_failure_agrees_at_the_ratio_of_two() -> None:
    times = unsteady(random.Random(12), 60)
    twice = sorted([t + 2 for t in times] + [t + 4 for t in times])
    found = agreement(counts(times), counts(twice))
    assert found.share > 0.95 and found.ratio == 2


def test_steady_traffic_of_the_same_rate_does_not_agree() -> None:
    for seed in range(8):
        rng = random.Random(seed)
        times = unsteady(rng, 80)
        other = sorted(rng.randint(times[0], times[-1]) for _ in times)
        found = agreement(counts(times), counts(other))
        assert not (found.share >= 0.8 and found.gain >= 0.5), seed


def test_counts_without_a_whole_ratio_do_not_agree() -> None:
    times = unsteady(random.Random(13), 60)
    assert agreement(counts(times), counts(times * 6)).buckets == 0


def all_widths(a: list[int], b: list[int]) -> Agreement:
    """The definition, width by width: no width is left out, and what chance leaves open is summed cell by cell."""
    k = round(max(len(a), len(b)) / min(len(a), len(b)))
    k_a, k_b = (k, 1) if len(b) >= len(a) else (1, k)
    total = k_a * len(a) + k_b * len(b)
    best = Agreement(0.0, 0.0, 0.0, 0)
    first, last = min(*a, *b), max(*a, *b)
    finest = max(counts(a).shift, counts(b).shift)
    for shift in range(finest, finest + WIDTHS):
        of_a, of_b = Counter(t >> shift for t in a), Counter(t >> shift for t in b)
        wide_a, wide_b = Counter(t >> shift + LOCAL for t in a), Counter(t >> shift + LOCAL for t in b)
        off = sum(abs(k_a * of_a[x] - k_b * of_b[x]) for x in {*of_a, *of_b})
        chance = 0.0
        for x in {*wide_a, *wide_b}:
            cells = sum(first >> shift <= cell <= last >> shift for cell in range(8 * x, 8 * x + 8))
            m, n = k_a * wide_a[x] / cells, k_b * wide_b[x] / cells
            sigma = (k_a * m + k_b * n) ** 0.5
            z = (m - n) / sigma
            mean = sigma * (math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + z * math.erf(z / math.sqrt(2)))
            chance += cells * min(mean, m + n)
        found = Agreement(1 - off / total, 1 - off / chance, k_a / k_b, len({*of_a, *of_b}))
        if (found.gain, found.share) > (best.gain, best.share):
            best = found
        if found.buckets <= 1:
            break
    return best


def drawn_pair(seed: int) -> tuple[list[int], list[int]]:
    """Times of two lines: together, by chance, in bursts, or each in its own part of the log; few or many."""
    rng = random.Random(seed)
    a = unsteady(rng, rng.choice((4, 20, 60, 400)))
    late, jitter = rng.choice((0, 40, 3000, 10**7)), rng.choice((0, 8, 200, 4000))
    each = rng.choice((1, 1, 2))
    b = [t + late + rng.randint(0, jitter) for t in a for _ in range(each)]
    if seed % 4 == 0:
        b = [rng.randint(a[0], a[-1]) for _ in a]
    return a, sorted(b)


@pytest.mark.parametrize("seed", range(60))
def test_leaving_out_widths_that_cannot_be_better_changes_no_agreement(seed: int) -> None:
    a, b = drawn_pair(seed)
    truth, found = all_widths(a, b), agreement(counts(a), counts(b))
    assert (found.share, found.gain, found.buckets) == pytest.approx((truth.share, truth.gain, truth.buckets))
    proven = truth.share >= AGREE and truth.gain >= GAIN
    assert agreement(counts(a), counts(b), share=AGREE, gain=GAIN) == (found if proven else NONE)


def test_a_pair_whose_counts_agree_or_of_which_one_lies_under_the_other_is_never_ruled_out_by_outlines() -> None:
    pairs = [tuple(map(counts, drawn_pair(seed))) for seed in range(60)]
    ordered = sorted((c for pair in pairs for c in pair), key=lambda c: -c.lines)
    outlines, proven, left = Outlines(ordered), 0, 0
    for i, a in enumerate(ordered):
        near = set(outlines.near(i))
        left += len(near) - 1
        for j, b in enumerate(ordered):
            if agreement(a, b, share=AGREE, gain=GAIN) != NONE or coverage(a, b, share=COVER) != NONE:
                proven += 1
                assert j in near and i in outlines.near(j)
    assert proven > 200 and left < len(ordered) * (len(ordered) - 1)


# ---------------------------------------------------------------- many failures


def many_failures(count: int, lines: int) -> dict[str, SignatureProfile]:
    """Failures without any order among them, each somewhere within its own ten minutes of a day."""
    out = {}
    for i in range(count):
        rng = random.Random(i)
        start = START + rng.randint(0, 80_000_000)
        out[f"s{i:05}"] = failing_at(f"s{i:05}", sorted(start + rng.randint(0, 600_000) for _ in range(lines)))
    return out


def failing_at(name: str, times: list[int]) -> SignatureProfile:
    profile = profile_at(name, times)
    profile.failures = profile.count
    profile.ends.add_all([(time, i) for i, time in enumerate(times)])
    return profile


def no_scenes() -> Scenes:
    return Scenes(Profile(), {})


def test_a_short_storm_among_more_failures_than_are_examined_is_kept_and_the_cut_is_told() -> None:
    failures = many_failures(CANDIDATES + 30, 5)
    storm = failing_at("storm", [START + 90_000_000 + i * 300 for i in range(4)])
    failures["storm"] = storm
    kept, left_out = candidates(failures)
    assert len(kept) == CANDIDATES and left_out == 31
    assert storm in kept, "rarer than any other, but denser"
    few = many_failures(CANDIDATES, 5)
    assert candidates(few)[1] == 0


def test_two_failures_of_one_loop_are_one_group_among_hundreds_of_others() -> None:
    failures = many_failures(300, 30)
    times = unsteady(random.Random(5), 28)
    failures["t1"] = failing_at("t1", times)
    failures["t2"] = failing_at("t2", [t + 7 for t in times])
    groups = find_groups(failures, no_scenes(), by_time=True)
    assert [sorted(m.signature.text for m in g.members) for g in groups if len(g.members) > 1] == [["t1", "t2"]]
    assert len(groups) == 301


@pytest.mark.parametrize("seed", range(3))
def test_dense_failures_that_have_nothing_to_do_with_each_other_are_not_joined(seed: int) -> None:
    rng = random.Random(seed)
    drawn = {n: sorted(START + rng.randrange(3_600_000) for _ in range(rng.randint(600, 1400))) for n in "abcde"}
    groups = find_groups({n: failing_at(n, times) for n, times in drawn.items()}, no_scenes(), by_time=True)
    assert [len(g.members) for g in groups] == [1] * 5


# ---------------------------------------------------------------- proportions and savings


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (36, 36, 0.9036, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe (1998), table I
        (15, 148, 0.0624, 0.1605),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_has_the_published_values(successes: int, cases: int, low: float, high: float) -> None:
    found = wilson(successes, cases)
    assert found[0] == pytest.approx(low, abs=2e-4) and found[1] == pytest.approx(high, abs=2e-4)


@pytest.mark.parametrize(
    ("span_ms", "attempts"),
    [
        (0, 1),
        (999, 1),
        (1000, 2),
        (2999, 2),
        (3000, 3),
        (7000, 4),
        (15_000, 5),
        (31_000, 6),
        (60_999, 6),
        (61_000, 7),
        (91_000, 8),
    ],
)
def test_a_capped_doubling_backoff_makes_so_many_attempts_in_a_span(span_ms: int, attempts: int) -> None:
    """1, 2, 4, 8, 16, 30, 30 ... seconds."""
    assert attempts_with_backoff(span_ms) == attempts


def test_attempts_are_not_counted_one_by_one_where_two_clocks_lie_centuries_apart() -> None:
    """Else this would take hours."""
    assert attempts_with_backoff(8_000 * 365 * 86_400_000) == 6 + (8_000 * 365 * 86_400 - 31) // 30


def test_drawn_logs_are_the_same_for_the_same_seed_and_cover_every_policy() -> None:
    assert draw_loop(4).log == draw_loop(4).log
    assert {draw_loop(seed).policy for seed in SEEDS} == set(POLICIES)
    assert {draw_loop(seed).outcome for seed in SEEDS} == {"recovered", "ceased", "ongoing"}
    assert {draw_loop(seed).actors for seed in SEEDS} == {1, 2, 3, 4, 5, 6}
    times = [json.loads(line)["time"] for line in draw_loop(4).log.splitlines()]
    assert times != sorted(times), "lines are written out of order"
