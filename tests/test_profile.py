"""The small parts of a profile: timelines, samples, ends and stories, each against the obvious thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodscan.model import ErrorInfo, Record, Signature
from floodscan.profile import Caps, Profile, to_bytes
from floodscan.profile.coarse import COARSEST, coarse, joined
from floodscan.profile.fold import DAY_MS, Window, fold, position_of
from floodscan.profile.sample import Bottom, Ends, rank_of, rank_of_position
from floodscan.profile.story import KeyProfile
from floodscan.profile.timeline import Timeline
from floodscan.signature import signature_id

START = 1_795_414_252_704

quick = settings(max_examples=60, derandomize=True, deadline=None, database=None)


def timeline_of(points: list[int], cap: int = 4) -> Timeline:
    timeline = Timeline(cap)
    for point in points:
        timeline.add(point)
    return timeline


# ---------------------------------------------------------------- timelines


def occupied(points: list[int], shift: int) -> Counter[int]:
    return Counter(point >> shift for point in points)


@quick
@given(st.lists(st.integers(-5_000, 5_000) | st.integers(START, START + 10**9), max_size=40))
def test_a_timeline_has_the_smallest_width_that_fits_whatever_the_order(points: list[int]) -> None:
    smallest = next(shift for shift in range(64) if len(occupied(points, shift)) <= 4)
    for order in (points, sorted(points), sorted(points, reverse=True)):
        timeline = timeline_of(order)
        assert timeline.width == 1 << smallest
        assert timeline.buckets == occupied(points, smallest)


@quick
@given(st.lists(st.integers(0, 10**6), max_size=30), st.lists(st.integers(0, 10**6), max_size=30))
def test_timelines_add_up_to_the_timeline_of_all_points(left: list[int], right: list[int]) -> None:
    total, other = timeline_of(left), timeline_of(right)
    total.merge(other)
    assert total.state() == timeline_of(left + right).state()
    assert other.state() == timeline_of(right).state()
    assert total.total() == len(left) + len(right)


def test_a_timeline_is_shown_at_a_coarser_width_without_a_loss() -> None:
    timeline = timeline_of([0, 1, 5, 9], cap=8)
    assert timeline.at(2) == {0: 2, 1: 1, 2: 1}
    assert list(timeline.points()) == [(0, 1), (1, 1), (5, 1), (9, 1)]


# ---------------------------------------------------------------- samples


@quick
@given(st.lists(st.integers(0, 99), max_size=60), st.integers(1, 8))
def test_a_sample_keeps_the_smallest_ranks_with_complete_counts(ranks: list[int], cap: int) -> None:
    sample: Bottom[int] = Bottom(cap)
    for rank in ranks:
        if sample.wants(rank):
            sample.put(rank, sample.items.get(rank, 0) + 1)
    kept = sorted(set(ranks))[:cap]
    assert sample.items == {rank: ranks.count(rank) for rank in kept}
    assert sample.cut == (len(set(ranks)) > cap)
    again = Bottom.of(sample.state(int), cap, int)
    assert all(again.wants(rank) == sample.wants(rank) for rank in range(100))


def test_ranks_are_the_same_on_every_machine_and_of_63_bits() -> None:
    assert rank_of("user-17") == 0x879EF91F755EB213 >> 1  # printf user-17 | b2sum -l 64
    assert rank_of_position(0) == 0xE220A8397B1DCDAF >> 1  # the first number of splitmix64 from seed 0
    assert max(map(rank_of_position, range(10_000))).bit_length() == 63


@pytest.mark.parametrize(
    ("count", "runs"),
    [
        (0, []),
        (4, [[(0, 0), (1, 1), (2, 2), (3, 3)]]),
        (5, [[(0, 0), (1, 1)], [(3, 3), (4, 4)]]),
        (100, [[(0, 0), (1, 1)], [(98, 98), (99, 99)]]),
    ],
)
def test_ends_hold_a_run_whole_until_it_is_longer_than_both(count: int, runs: list[list[tuple[int, int]]]) -> None:
    ends = Ends(2)
    for i in range(count):
        ends.add(((i * 37) % count, (i * 37) % count))
    assert ends.runs(count) == runs


# ---------------------------------------------------------------- stories


def key_profile(values: list[str]) -> KeyProfile:
    caps = Caps()
    profile = KeyProfile(caps.values, caps.story, caps.ranks)
    for i, value in enumerate(values):
        profile.add(value, rank_of(value), rank_of_position(i), (START + i, i))
    return profile


def test_distinct_values_are_counted_exactly_up_to_the_cap_and_estimated_beyond() -> None:
    assert key_profile([f"user-{i % 900}" for i in range(2_000)]).distinct() == (900, False)
    for count in (5_000, 40_000):
        estimate, approx = key_profile([f"user-{i}" for i in range(count)]).distinct()
        assert approx and abs(estimate - count) < 0.1 * count  # three standard errors at 1,024 ranks


@pytest.mark.parametrize("heavy", ["flooder", "user-0", "00-another-name", "10.0.0.17"])
def test_an_actor_with_a_third_of_the_lines_among_twenty_thousand_is_found_first(heavy: str) -> None:
    profile = key_profile([heavy if i % 10 < 3 else f"user-{i}" for i in range(20_000)])
    assert profile.stories.cut
    (value, _, count), *others = profile.heavy()
    assert value == heavy
    assert 4_000 < count < 8_000
    assert all(other < count / 4 for _, _, other in others)


def test_of_few_actors_every_count_is_exact() -> None:
    profile = key_profile(["a"] * 3 + ["b"] * 5 + ["c"])
    assert [(value, count) for value, _, count in profile.heavy()] == [("b", 5), ("a", 3), ("c", 1)]


# ---------------------------------------------------------------- signatures


WORDS = st.lists(st.sampled_from(("db", "down", "retry", "again")), max_size=4).map(tuple)
SIGNATURES = st.builds(
    Signature,
    id=st.just(""),
    text=st.sampled_from(("a", "b", "c")),
    words=WORDS,
    logger=st.sampled_from((None, "api")),
    type=st.sampled_from((None, "TypeError")),
    code=st.sampled_from((None, "E1")),
    structured=st.booleans(),
)


def named(signature: Signature, text: str, structured: bool) -> Signature:
    words = signature.words
    plain = Signature("", text, words, signature.logger, signature.type, signature.code, structured=structured)
    return Signature(
        signature_id(plain), text, words, signature.logger, signature.type, signature.code, structured=structured
    )


@quick
@given(SIGNATURES, st.sampled_from("abc"), st.booleans(), st.integers(0, COARSEST), st.integers(0, COARSEST))
def test_joining_and_coarsening_signatures_go_in_any_order(
    one: Signature, text: str, structured: bool, level: int, further: int
) -> None:
    a, b = named(one, one.text, one.structured), named(one, text, structured)
    assert joined(a, b) == joined(b, a)
    assert coarse(joined(a, b), level) == joined(coarse(a, level), coarse(b, level))
    high = max(level, further)
    assert coarse(coarse(a, min(level, further)), high) == coarse(a, high)


ONES = st.tuples(
    st.sampled_from(["sync failed", *(f"sync failed {name} {name}x" for name in "abcdefghijkl")]),
    st.lists(st.tuples(st.sampled_from(("userId", "reqId", "ip")), st.sampled_from(("u-1", "u-2", "u-3"))), max_size=4),
    st.sampled_from((1, 1, 1, 80)),
    st.sampled_from((None, ErrorInfo("err", "Error", "E1", message="refused"))),
)


@quick
@given(
    st.lists(ONES, max_size=30) | st.lists(ONES, max_size=6, unique_by=lambda one: one[0]),
    st.builds(
        Caps,
        signatures=st.sampled_from((3, 6, 100)),
        samples=st.integers(400, 20_000) | st.just(1 << 30),
        keys=st.sampled_from((1, 2, 8)),
        text=st.just(100),
    ),
)
def test_what_is_kept_of_signatures_is_the_same_whether_one_looks_after_each_record_or_at_the_end(
    ones: list[tuple[str, list[tuple[str, str]], int, ErrorInfo | None]], caps: Caps
) -> None:
    looked_at, left_alone = Profile(caps), Profile(caps)
    records = [
        Record("pino", f"{message} " * times, message, START + i, error=error, ids=tuple(ids), line=i)
        for i, (message, ids, times, error) in enumerate(ones, 1)
    ]
    for record in records:
        fold([record], looked_at)
        assert sum(found.count for found in looked_at.signatures.values()) == looked_at.records
    fold(records, left_alone)
    looked_at.fit()
    left_alone.fit()
    assert left_alone.step == looked_at.step
    kept, told = ({name: (one.signature, one.state(0)) for name, one in of.signatures.items()} for of in (left_alone, looked_at))
    assert kept == told


def test_a_message_that_came_once_gives_its_name_to_no_others_when_they_are_joined() -> None:
    said = ["alpha beta", *(f"alpha beta {name} {name}x" for name in ("foo", "bar", "baz", "qux", "corge", "grault") for _ in "12")]
    records = [Record("pino", text, text, START + i, line=i) for i, text in enumerate(said, 1)]
    whole, parts = Profile(Caps(signatures=4)), [Profile(Caps(signatures=4)) for _ in "12"]
    fold(records, whole)
    fold(records[:3], parts[0])
    fold(records[3:], parts[1])
    for one in (whole, *parts):
        one.sweep()
    parts[0].merge(parts[1])
    assert [(found.signature.text, found.count) for found in whole.signatures.values()] == [("alpha beta <...>", len(said))]
    assert to_bytes(parts[0]) == to_bytes(whole)


# ---------------------------------------------------------------- folding


def test_what_was_read_before_a_source_breaks_off_is_in_the_profile() -> None:
    def broken() -> Iterator[Record]:
        for i in range(3):
            yield Record("pino", "x", "request completed", time=START + i, line=1 + i, offset=10 * i, size=10)
        raise OSError("the disk is gone")

    profile = Profile()
    with pytest.raises(OSError):
        fold(broken(), profile)
    assert (profile.records, profile.lines, profile.bytes) == (3, 3, 30)


def test_records_outside_the_time_asked_for_are_counted_as_skipped() -> None:
    records = [Record("pino", "x", "tick", time=START + i, line=1 + i, offset=10 * i, size=10) for i in range(10)]
    profile = Profile()
    fold(records, profile, window=Window(START + 2, START + 6))
    assert profile.records == 5 and sum(profile.skipped.values()) == 5 and profile.lines == 10


def test_a_time_of_day_holds_on_every_day_in_the_zone_that_was_named() -> None:
    noon = START - START % DAY_MS + DAY_MS // 2
    window = Window(DAY_MS // 2, DAY_MS // 2 + 60_000)
    for day in range(3):
        assert window.holds(noon + day * DAY_MS + 30_000, dated=True)
        assert not window.holds(noon + day * DAY_MS + 61_000, dated=True)
    east = Window(DAY_MS // 2, None, utc_offset_ms=3_600_000)
    assert east.holds(noon - 3_600_000, dated=True) and not east.holds(noon - 3_600_001, dated=True)
    assert not east.holds(noon - 3_600_000, dated=False), "a clock without a date has no zone to move it"


def test_a_record_without_a_clock_takes_the_time_of_its_neighbour_in_the_block() -> None:
    times = [None, START, None, START + 900, None]
    records = [Record("text", "x", "tick", time=time, line=i, offset=i) for i, time in enumerate(times, 1)]
    profile = Profile()
    fold(records, profile)
    (found,) = profile.signatures.values()
    assert [time for time, _ in found.ends.sorted()] == [START, START, START, START + 900, START + 900]
    assert (found.timed, found.first, found.last) == (2, START, START + 900)


def test_positions_run_backwards_in_a_file_with_the_newest_first_and_stay_within_its_source() -> None:
    forward = [position_of(1, line, reverse=False) for line in (1, 2, 10**9)]
    backward = [position_of(1, line, reverse=True) for line in (1, 2, 10**9)]
    assert forward == sorted(forward) and backward == sorted(backward, reverse=True)
    assert {position >> 40 for position in forward + backward} == {1}
