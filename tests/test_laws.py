"""The laws of a profile (DESIGN, section 2): an exact, commutative, bounded sum, whoever evaluates it."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from log_streams import CAPS, FLOODS, LIMITS, STREAMS, dated_facts, parts_of, profile_of, stream_of

from floodscan import __version__
from floodscan.diagnose import diagnose
from floodscan.loops.find import find_loops
from floodscan.loops.links import Scenes
from floodscan.profile import Caps, IncompatibleProfile, Profile, from_bytes, to_bytes
from floodscan.profile.profile import STEPS
from floodscan.read.limits import Limits
from floodscan.redact.text import ELLIPSIS
from floodscan.reports.json_report import render
from floodscan.rules.load import load_rules
from floodscan.rules.match import Catalogue

CUTS = st.lists(st.integers(1, 60), min_size=1, max_size=4)
SEEDS = st.integers(0, 1 << 16)


def law(examples: int) -> settings:
    """The same draws on every run. A failing one is not shrunk: that takes minutes, and the next run draws it again."""
    phases = (Phase.explicit, Phase.generate)
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None, phases=phases)


def added(parts: list[Profile], seed: int) -> Profile:
    """The sum of the parts, any two of them next, until one is left."""
    parts, draw = list(parts), random.Random(seed)
    while len(parts) > 1:
        draw.shuffle(parts)
        parts.append(parts.pop() + parts.pop())
    return parts[0]


# ---------------------------------------------------------------- one stream, read in ranges


def check_split(data: bytes, cuts: list[int], caps: Caps, limits: Limits, seed: int) -> None:
    facts = dated_facts(data)
    whole = profile_of(data, caps, facts, limits)
    parts = parts_of(data, cuts, caps, facts, limits)
    assert to_bytes(added(parts, seed)) == to_bytes(whole)


@law(80)
@given(STREAMS, CUTS, CAPS, LIMITS, SEEDS)
def test_a_stream_split_at_blocks_and_added_in_any_order_is_the_whole(
    data: bytes, cuts: list[int], caps: Caps, limits: Limits, seed: int
) -> None:
    check_split(data, cuts, caps, limits, seed)


@pytest.mark.slow
@law(3_000)
@given(STREAMS, CUTS, CAPS, LIMITS, SEEDS)
def test_many_streams_split_at_blocks_are_their_wholes(
    data: bytes, cuts: list[int], caps: Caps, limits: Limits, seed: int
) -> None:
    check_split(data, cuts, caps, limits, seed)


@law(20)
@given(FLOODS, st.just(Caps(scene_classes=3, signatures=12)) | CAPS, SEEDS)
def test_a_stream_split_at_every_block_is_the_whole(data: bytes, caps: Caps, seed: int) -> None:
    limits = Limits.of_block(1024)
    check_split(data, list(range(len(data) // limits.block + 1)), caps, limits, seed)


# ---------------------------------------------------------------- a sum


def profiles(caps: Caps, *streams: bytes) -> list[Profile]:
    """One profile for each stream, as of one source after the other."""
    return [profile_of(data, caps, limits=Limits.of_block(256), source=i) for i, data in enumerate(streams)]


@law(40)
@given(STREAMS, STREAMS, STREAMS, CAPS)
def test_addition_is_commutative_and_associative_and_has_a_zero(x: bytes, y: bytes, z: bytes, caps: Caps) -> None:
    a, b, c = profiles(caps, x, y, z)
    assert to_bytes(a + b) == to_bytes(b + a)
    assert to_bytes((a + b) + c) == to_bytes(a + (b + c))
    assert to_bytes(a + Profile(caps)) == to_bytes(a) == to_bytes(Profile(caps) + a)


@law(25)
@given(STREAMS, STREAMS, CAPS)
def test_adding_leaves_its_arguments_unharmed(x: bytes, y: bytes, caps: Caps) -> None:
    a, b = profiles(caps, x, y)
    before = to_bytes(a), to_bytes(b)
    total = a + b
    in_place = from_bytes(before[0])
    in_place.merge(b)
    for later in (total, in_place):  # what a sum takes in later must not reach what it was made of
        profile_of(y + x, into=later, limits=Limits.of_block(256), source=2)
    assert (to_bytes(a), to_bytes(b)) == before


@pytest.mark.parametrize("samples", [2_000, 20_000, 35_000, 50_000, 75_000, 100_000, 150_000])
def test_at_every_step_of_the_budget_the_sum_of_the_blocks_is_the_whole(samples: int) -> None:
    caps = Caps(values=20, story=4, ranks=40, samples=samples)
    check_split(RICH, list(range(0, len(RICH) // 1024, 3)), caps, Limits.of_block(1024), samples)


@law(25)
@given(STREAMS, STREAMS, CAPS)
def test_absorbing_in_place_equals_adding(x: bytes, y: bytes, caps: Caps) -> None:
    a, b = profiles(caps, x, y)
    total = to_bytes(a + b)
    a.merge(b)
    assert to_bytes(a) == total


def test_inner_errors_with_one_code_are_one_cause_whichever_comes_first() -> None:
    line = (
        '{"level":50,"time":1795414261%d,"err":{"message":"d","cause":{"code":"E1","message":"%s"}},"msg":"failed"}\n'
    )
    a, b = profiles(Caps(), (line % (700, "z")).encode(), (line % (800, "y")).encode())
    assert to_bytes(a + b) == to_bytes(b + a)
    (found,) = (a + b).signatures.values()
    assert [(cause.code, cause.message, cause.count) for cause in found.causes.values()] == [("E1", "y", 2)]


def test_profiles_with_different_caps_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="caps"):
        Profile() + Profile(Caps(buckets=4))


# ---------------------------------------------------------------- conservation


@law(60)
@given(
    STREAMS | st.binary(max_size=4_000) | st.text(max_size=2_000).map(lambda t: t.encode("utf-8", "replace")), LIMITS
)
def test_every_line_and_byte_is_in_a_record_or_skipped_with_a_reason(data: bytes, limits: Limits) -> None:
    profile = profile_of(data, limits=limits)
    in_records = sum(found.lines for found in profile.signatures.values())
    assert profile.bytes == len(data)
    assert profile.lines == in_records + sum(profile.skipped.values())
    assert all(profile.skipped) and profile.records == sum(profile.formats.values())
    if bytes(limits.block) not in data:  # a hole of NULs ends a line without a line feed
        assert profile.lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


# ---------------------------------------------------------------- as bytes


@law(40)
@given(STREAMS, CAPS)
def test_a_profile_survives_its_bytes(data: bytes, caps: Caps) -> None:
    profile = profile_of(data, caps, limits=Limits.of_block(256))
    packed = to_bytes(profile)
    again = from_bytes(packed)
    assert to_bytes(again) == packed
    assert again.caps == caps
    other = profile_of(data[len(data) // 2 :], caps, source=1)
    assert to_bytes(again + other) == to_bytes(profile + other)  # what limits a sample survives too


def test_the_profile_of_another_version_is_refused_with_both_versions() -> None:
    packed = to_bytes(Profile()).replace(__version__.encode(), b"9.8.7", 1)
    with pytest.raises(IncompatibleProfile) as refused:
        from_bytes(packed)
    assert "9.8.7" in refused.value.message and __version__ in refused.value.message


@pytest.mark.parametrize("data", [b"", b"\n", b"floodscan-profile\n", b"PK\x03\x04", b"\xff" * 300])
def test_bytes_that_are_no_profile_are_refused(data: bytes) -> None:
    with pytest.raises(IncompatibleProfile, match="not a profile"):
        from_bytes(data)


@law(40)
@given(st.integers(0, 400), st.integers(1, 255))
def test_a_damaged_profile_is_refused(at: int, change: int) -> None:
    packed = bytearray(to_bytes(Profile()))
    packed[at % len(packed)] ^= change
    with pytest.raises(IncompatibleProfile):
        from_bytes(bytes(packed))
    with pytest.raises(IncompatibleProfile):
        from_bytes(to_bytes(Profile())[:-1])


# ---------------------------------------------------------------- what is made of it


@cache
def catalogue() -> Catalogue:
    return load_rules()


def report_of(profile: Profile) -> bytes:
    return render(diagnose(profile, ["api.log"], catalogue()))


@law(12)
@given(FLOODS, CUTS, st.none() | CAPS, SEEDS)
def test_the_report_on_a_sum_is_the_report_on_the_whole(
    data: bytes, cuts: list[int], caps: Caps | None, seed: int
) -> None:
    facts, limits = dated_facts(data), Limits.of_block(1024)
    whole = profile_of(data, caps, facts, limits)
    parts = parts_of(data, cuts, caps, facts, limits)
    assert report_of(added(parts, seed)) == report_of(whole)
    assert report_of(from_bytes(to_bytes(whole))) == report_of(whole)


# ---------------------------------------------------------------- that the laws were put to the test


def reached(profile: Profile) -> set[str]:
    """The caps that a profile has reached, by name."""
    caps, found = profile.kept, {f"coarseness {profile.coarseness}", f"step {profile.step}"}

    def note(what: str, is_reached: bool) -> None:
        if is_reached:
            found.add(what)

    note("buckets", profile.times.shift > 0)
    note("classes of scenes", profile.choices.cut)
    note("scenes by rank", any(len(choice.ranked) == choice.RANKED for choice in profile.choices.values()))
    note("scenes by time", any(choice.earliest[-1] < choice.latest[-1] for choice in profile.choices.values()))
    note("events of a scene", any(len(scene) == caps.scene_events for scene in profile.scenes.values()))
    for one in profile.signatures.values():
        note("buckets of times", one.times.shift > 0)
        note("buckets of positions", one.positions.shift > 0)
        note("ends", one.count > 2 * caps.ends)
        note("keys", one.keys_cut)
        note("examples", one.examples.cut)
        note("error texts", one.messages.cut)
        note("causes", one.causes.cut)
        note("details", any(values.cut for values in one.details.values()))
        note("components", one.components.cut)
        note("text", one.opening is not None and one.opening.text.endswith(ELLIPSIS))
        for key in one.keys.values():
            note("stories", key.stories.cut)
            note("sampled lines", key.lines.cut)
            note("ranks", key.ranks.cut)
            note("events of a story", any(story.count > 2 * caps.story for story in key.stories.values()))
    return found


RICH = stream_of([(1, 100, 300), (0, 0, 200)])
"""Many values of many ids."""


def test_the_streams_of_these_laws_reach_every_cap() -> None:
    found: set[str] = set()

    @law(250)
    @given(STREAMS | FLOODS, CAPS)
    def look(data: bytes, caps: Caps) -> None:
        found.update(reached(profile_of(data, caps, dated_facts(data), Limits.of_block(256))))

    look()
    for samples in range(2_000, 200_000, 4_000):  # each step of making it smaller has a budget that needs it
        found.update(reached(profile_of(RICH, Caps(values=20, story=4, ranks=40, samples=samples))))
    assert found >= {
        *(f"coarseness {level}" for level in range(6)),
        *(f"step {step}" for step in range(len(STEPS))),
        *("buckets", "buckets of times", "buckets of positions", "ends", "examples", "text"),
        *("keys", "stories", "events of a story", "sampled lines", "ranks"),
        *("error texts", "causes", "details", "components"),
        *("classes of scenes", "scenes by rank", "scenes by time", "events of a scene"),
    }


def test_the_floods_of_these_laws_hold_loops() -> None:
    loops: list[int] = []

    @law(5)
    @given(FLOODS)
    def look(data: bytes) -> None:
        profile = profile_of(data, None, dated_facts(data))
        own = {name: name for name in profile.signatures}
        loops.append(len(find_loops(profile, profile.signatures, Scenes(profile, own))))

    look()
    assert loops and all(loops)
