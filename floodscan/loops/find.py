"""Profile -> loops, pure: which failures recur, who drives them, at what pace, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from floodscan.loops.actors import (
    JOINED,
    ActorKey,
    Actors,
    actors_of,
    attempt_keys,
    find_actor,
    repeats_inside_requests,
)
from floodscan.loops.cadence import FEW, cadence_of, gap_of
from floodscan.loops.groups import LINKED, Group, find_groups, middle_of
from floodscan.loops.links import Links, Scenes
from floodscan.loops.order import lags_of
from floodscan.loops.outcome import Ending, ending_of
from floodscan.loops.thresholds import DEFAULTS, Thresholds
from floodscan.model import Cadence, Gap, LoopStatus
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.story import Story

COARSE_MS = 2_000
"""Mean gap below which a clock of whole seconds shows no cadence."""
NOW_AND_THEN_MS = 5_000
"""Irregular gaps from here on, of one line without ids, are no retry (a developer's restarts: 8 to 158 s; a poll that
retries twice each time: 1 and 3 s)."""
ONE_ITERATION = 32
"""Lines before an actor's first failure within which its first attempt began."""
SILENT = 3
"""Median gaps of silence after the last failure from which a loop has ceased."""
UPTIME = 0.5
"""Time from an attempt's last success line to its failure, over the time it took to get there, from which the line
reported a success that did not last (lab: 1.3; a slow query behind a sign-in has one such line, not two)."""
UPTIME_MS = 100


@dataclass(slots=True)
class Member:
    """One signature's part in the iteration."""

    profile: SignatureProfile
    per_iteration: float
    lag: float
    """Milliseconds (lines on a coarse clock) from the anchor; negative before it."""


@dataclass(slots=True)
class FoundLoop:
    """A loop as found, with the profiles it was found from; the report's `Loop` is made of it."""

    anchor: SignatureProfile
    members: list[Member]
    """In the order of the iteration."""
    links: Links
    iterations: int
    lines: int
    actors: Actors | None
    attempts: list[str]
    """Id keys of the anchor that are new at each iteration."""
    driver: Literal["actor", "timer", "unknown"]
    per_driver: int
    """Iterations of the busiest driver."""
    gap: Gap | None
    runs: list[list[int]]
    cadence: Cadence
    ending: Ending
    lockstep: bool
    status: LoopStatus
    clocked: bool
    """Whether lags are milliseconds; else they are lines."""
    exact_gaps: bool
    """Whether the clock shows the gaps: false on a one-second clock and below two seconds, and without a clock."""

    def member(self, signature: str) -> Member | None:
        return next((m for m in self.members if m.profile.signature.id == signature), None)

    @property
    def failing(self) -> list[Member]:
        return [m for m in self.members if m.profile.failure]


def find_loops(
    profile: Profile,
    signatures: Mapping[str, SignatureProfile],
    names: dict[str, str],
    thresholds: Thresholds = DEFAULTS,
) -> list[FoundLoop]:
    """All loops, the worst first. `signatures`: by their rolled-up ids; `names`: signature id -> rolled-up id."""
    by_time = profile.resolution_ms == 1
    scenes = Scenes(profile, names)
    loops = []
    for group in find_groups(signatures, scenes, by_time=by_time):
        loop = _loop(profile, signatures, group, scenes, thresholds, by_time=by_time)
        if loop is not None:
            loops.append(loop)
    return sorted(loops, key=lambda x: (x.status != "storm", -x.lines, x.anchor.signature.id))


def _loop(
    profile: Profile,
    signatures: Mapping[str, SignatureProfile],
    group: Group,
    scenes: Scenes,
    thresholds: Thresholds,
    *,
    by_time: bool,
) -> FoundLoop | None:
    anchor = group.anchor
    if anchor.count < thresholds.least_iterations:
        return None
    key = find_actor(anchor, group.members, signatures.values(), group.links, scenes)
    links = _extend(group, signatures, scenes)
    lags = lags_of(anchor, group.members, links, by_time=by_time)
    anchor = _first_of_kind(_last_error(anchor, group.members, lags), group.members, lags)
    start = lags[anchor.signature.id]
    lags = {name: lag - start for name, lag in lags.items()}
    members = [Member(m, min(m.count, 9 * anchor.count) / anchor.count, lags[m.signature.id]) for m in group.members]
    members.sort(key=lambda m: (round(m.lag, 6), middle_of(m.profile), m.profile.signature.id))
    lines = sum(m.profile.lines for m in members)
    if by_time and _one_burst(anchor, sum(m.profile.count for m in members), thresholds):
        return None
    if _traffic_that_fails(signatures, group, key, scenes, thresholds) or (key is None and repeats_inside_requests(anchor)):
        return None
    clocked = profile.resolution_ms is not None and anchor.timed * 2 >= anchor.count
    actors = actors_of(anchor, key, scenes) if key else None
    every = _gaps(actors, anchor) if clocked else []
    runs = [_telling(runs) for runs in every if runs]
    gaps = [g for runs in every for run in runs for g in run]
    gap = gap_of(gaps)
    blurred = profile.resolution_ms == 1000 and _mean(gaps) < COARSE_MS
    cadence: Cadence = "unknown" if blurred else cadence_of(runs, profile.resolution_ms or 1)
    if _expected(members, links, cadence, key, thresholds) or _nobody_drives(members, key, cadence, gap):
        return None
    inside = {m.profile.signature.id for m in members}
    others = [s for s in signatures.values() if not s.failure and s.signature.id not in inside]
    own = links[anchor.signature.id]
    entries = [
        m.profile for m in members if m.lag < 0 and (not m.profile.failure or own.share(m.profile.signature.id) >= 0.5)
    ]
    axis = 0 if clocked else 1
    end = profile.last if clocked and profile.last is not None else _last_position(signatures)
    silent = max(e[axis] for e in anchor.ends.sorted()) + _pause(gaps, profile.resolution_ms) < end
    ending = ending_of(anchor, actors, entries, others, gaps, silent=silent, by_time=by_time)
    if ending.outcome != "recovered" and by_time and actors and (mark := _false_success(members, anchor, actors)):
        ending = Ending("false-success", mark)
    iterations = _iterations(anchor, key, actors, ending)
    if ending.until_success is not None and actors and actors.top:
        ending = replace(ending, until_success=round(median(a.iterations for a in actors.top)))
    if ending.until_success is not None and ending.until_success > iterations:
        ending = replace(ending, until_success=iterations)
    per_driver = actors.top[0].iterations if actors and actors.top else iterations
    driver: Literal["actor", "timer", "unknown"] = (
        "actor" if actors else "timer" if cadence == "fixed" and not group.anchor.keys else "unknown"
    )
    status = _status(profile, anchor, cadence, gaps, per_driver, lines, driver, thresholds)
    return FoundLoop(
        anchor, members, links[anchor.signature.id], iterations, lines, actors, attempt_keys(anchor), driver, per_driver,
        gap, runs, cadence, ending, _lockstep(actors, gap), status, by_time, clocked and not blurred,
    )  # fmt: skip


def _extend(group: Group, signatures: Mapping[str, SignatureProfile], scenes: Scenes) -> dict[str, Links]:
    """Adds to the group what shares an attempt's id with one of its lines, both ways; returns every member's links."""
    links: dict[str, Links] = {}
    for member in group.members:
        links[member.signature.id] = own = scenes.links(member.signature.id)
        for name in sorted(own.to):
            other = signatures.get(name)
            if other is None or other in group.members or other.failure:
                continue
            if own.share(name) >= LINKED and own.returned(name) >= LINKED:
                group.members.append(other)
    return links


def _false_success(members: Sequence[Member], anchor: SignatureProfile, actors: Actors) -> SignatureProfile | None:
    """The line with which each attempt reports success some time before it fails."""
    own = next(m for m in members if m.profile is anchor)
    marks = [
        m
        for m in members
        if not m.profile.failure and m.lag < own.lag and m.per_iteration >= 0.95 and actors.key in m.profile.keys
    ]
    if len(marks) < 2:
        return None
    uptime, handshake = own.lag - marks[-1].lag, marks[-1].lag - members[0].lag
    return marks[-1].profile if uptime >= max(UPTIME_MS, UPTIME * handshake) else None


def _last_error(
    anchor: SignatureProfile, members: Sequence[SignatureProfile], lags: Mapping[str, float]
) -> SignatureProfile:
    """Of the errors logged about as often as the anchor, the one that ends the attempt: those before it, it outlived."""

    def bears(s: SignatureProfile) -> bool:
        return bool(s.signature.type or s.signature.code or s.signature.opacity)

    near = [
        m
        for m in members
        if m.failure and m.level == anchor.level and abs(m.count - anchor.count) <= max(1, 0.02 * anchor.count)
    ]
    near = [m for m in near if bears(m)] or near
    return max(near, key=lambda m: (lags[m.signature.id], m.signature.id), default=anchor)


def _first_of_kind(
    anchor: SignatureProfile, members: Sequence[SignatureProfile], lags: Mapping[str, float]
) -> SignatureProfile:
    """Of the lines that log the anchor's failure as often as it does, the one that comes first in the iteration."""

    def kind(s: SignatureProfile) -> tuple[object, ...]:
        return (s.signature.type, s.signature.code, s.signature.status, s.signature.opacity, s.level, s.count)

    same = [m for m in members if m.failure and kind(m) == kind(anchor)]
    return min(same, key=lambda m: (lags[m.signature.id], m.signature.id))


def _iterations(anchor: SignatureProfile, key: ActorKey | None, actors: Actors | None, ending: Ending) -> int:
    """The anchor's lines; those of the actors' attempts alone where other traffic writes the same line.

    Only a line beside the failure tells them apart: it carries the actor's id once an attempt.
    """
    if key is None or actors is None or key.carrier is anchor or key.profile.count >= 0.99 * anchor.count:
        return anchor.count
    if key.profile.count < 0.5 * anchor.count or key.profile.count > anchor.count:
        return anchor.count
    return key.profile.count - ending.actors_recovered


def _pause(gaps: Sequence[int], resolution_ms: int | None) -> int:
    """Silence (milliseconds; lines without a clock) after which a loop has ceased."""
    gap = gap_of(gaps)
    if gap is None:
        return SILENT
    return max(SILENT * gap.median, round(1.5 * gap.p90), SILENT * (resolution_ms or 1))


def _last_position(signatures: Mapping[str, SignatureProfile]) -> int:
    return max((s.ends.sorted()[-1][1] for s in signatures.values()), default=0)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _one_burst(anchor: SignatureProfile, lines: int, thresholds: Thresholds) -> bool:
    if anchor.first is None or anchor.last is None:
        return False
    return lines < thresholds.burst_lines and anchor.last - anchor.first < thresholds.burst_ms


def _actors_mostly_fail(group: Group, actor: ActorKey, scenes: Scenes, thresholds: Thresholds) -> bool:
    """Whether those who fail do so again and again, at most of what they begin while they fail."""
    stories = actor.profile.stories.items
    again = failed = 0
    begun = 0.0
    for one in actors_of(group.anchor, actor, scenes).top:
        if one.iterations < thresholds.least_iterations or not one.runs:
            continue
        again += one.iterations
        story = stories.get(one.rank)
        if story is not None:
            begun += _between(story, one.runs[0][0][1] - ONE_ITERATION, one.runs[-1][-1][1])
            failed += sum(map(len, one.runs))
    return again >= thresholds.failing_share * group.anchor.count and failed >= thresholds.failing_share * begun


def _between(story: Story, first: int, last: int) -> float:
    """How many of a story's events stand between two positions; those not kept are taken to be spread evenly."""
    events = [e[1] for e in story.ends.sorted()]
    within = float(sum(first <= position <= last for position in events))
    missing = story.count - len(events)
    if missing > 0:
        low, high = events[story.ends.cap - 1], events[story.ends.cap]
        within += missing * max(0, min(high, last) - max(low, first)) / max(1, high - low)
    return within


def _traffic_that_fails(
    signatures: Mapping[str, SignatureProfile],
    group: Group,
    actor: ActorKey | None,
    scenes: Scenes,
    thresholds: Thresholds,
) -> bool:
    """Whether the failures are part of ordinary traffic: most of what begins the same way succeeds."""
    inside = {m.signature.id for m in group.members}
    if actor is not None and _actor_succeeds(signatures, actor, inside, thresholds):
        return True
    if actor is not None and actor.carrier.signature.id in inside and not actor.is_address:
        return False
    if actor is not None and group.links.share(actor.carrier.signature.id) >= JOINED and not actor.is_address:
        return not _actors_mostly_fail(group, actor, scenes, thresholds)
    for name, link in sorted(group.links.to.items()):
        other = signatures.get(name)
        if other is None or other.failure or other.signature.id in inside and other.count <= 1.5 * group.anchor.count:
            continue
        if group.links.share(name) >= 0.5 and link.lag <= 0 and _mostly_succeeds(group.anchor, other, thresholds):
            return True
    return False


def _mostly_succeeds(anchor: SignatureProfile, entry: SignatureProfile, thresholds: Thresholds) -> bool:
    """Whether most entries do not fail while failures are seen, or come at the pace they have without failures."""
    if anchor.first is None or anchor.last is None:
        return anchor.count < thresholds.failing_share * entry.count
    width = entry.times.width
    first, last = anchor.first - width, anchor.last + width
    within = sum(n for at, n in entry.times.points() if first <= at <= last)
    if anchor.count < thresholds.failing_share * within:
        return True
    outside = entry.count - within
    if outside < 10 or entry.first is None or entry.last is None:
        return False
    span_out = max(1, (entry.last - entry.first) - (last - first))
    return within / max(1, last - first) <= thresholds.same_pace * outside / span_out


def _actor_succeeds(
    signatures: Mapping[str, SignatureProfile], actor: ActorKey, inside: set[str], thresholds: Thresholds
) -> bool:
    """Whether the busiest actors' lines of one signature outnumber their failures by far, all the time."""
    failing = {rank: s for rank, s in actor.profile.stories.items.items() if s.count >= 2}
    for other in signatures.values():
        if other.failure or other.signature.id in inside:
            continue
        for key in sorted(other.keys):
            stories = other.keys[key].stories.items
            shared = failing.keys() & stories.keys()
            if len(shared) * 2 < len(failing) or not shared:
                continue
            mine, theirs = 0, 0
            for rank in sorted(shared):
                first, last = failing[rank].ends.sorted()[0], failing[rank].ends.sorted()[-1]
                mine += failing[rank].count
                theirs += sum(first <= e <= last for e in stories[rank].ends.sorted())
            if theirs and mine / (mine + theirs) < thresholds.failing_share / 2:
                return True
    return False


def _expected(
    members: Sequence[Member],
    links: Mapping[str, Links],
    cadence: Cadence,
    key: ActorKey | None,
    thresholds: Thresholds,
) -> bool:
    """Whether the attempt goes on after its last failure, nearly always: an expected branch, not a loop.

    A line behind the failure may be the closing of a failed attempt. One that knows an id which no line before it
    knew is progress; without ids, two lines behind it and no pace are.
    """
    last = max((i for i, m in enumerate(members) if m.profile.failure), default=-1)
    known = {name for m in members[: last + 1] for name in m.profile.keys}
    behind = [m for m in members[last + 1 :] if m.per_iteration >= thresholds.expected]
    own = links[members[last].profile.signature.id]
    for member in behind:
        fresh = set(member.profile.keys) - known
        if fresh and own.share(member.profile.signature.id) >= LINKED:
            return True
    return len(behind) >= 2 and key is None and cadence == "irregular" and not known


def _nobody_drives(members: Sequence[Member], key: ActorKey | None, cadence: Cadence, gap: Gap | None) -> bool:
    """Whether something fails now and then, with no id, no other line beside it and no pace: each for its own reason."""
    alone = key is None and all(m.profile.failure and not m.profile.keys for m in members)
    paceless = cadence in ("irregular", "jittered", "unknown")
    return alone and paceless and gap is not None and gap.median >= NOW_AND_THEN_MS


def _gaps(actors: Actors | None, anchor: SignatureProfile) -> list[list[list[int]]]:
    """For each driver the gaps of each of its runs, in milliseconds; the first run begins with its first failure."""
    if actors is not None:
        return [actor.gaps for actor in actors.top if actor.iterations > 1]
    return [[[b[0] - a[0] for a, b in zip(run, run[1:], strict=False)] for run in anchor.ends.runs(anchor.count)]]


def _telling(runs: Sequence[list[int]]) -> list[int]:
    """The run that tells a driver's cadence: its first, which begins with its first failure, else its longest."""
    return runs[0] if len(runs[0]) >= FEW else max(runs, key=len)


def _lockstep(actors: Actors | None, gap: Gap | None) -> bool:
    """Whether most attempts of the busiest actor stand within a twentieth of the gap of one of each other actor."""
    if actors is None or gap is None or gap.median < 200:
        return False
    times = [[e[0] for run in actor.runs for e in run] for actor in actors.top if actor.iterations >= 3][:8]
    if len(times) < 2:
        return False
    near = [any(abs(t - u) <= 0.05 * gap.median for u in other) for t in times[0] for other in times[1:]]
    return sum(near) >= 0.8 * len(near)


def _status(
    profile: Profile,
    anchor: SignatureProfile,
    cadence: Cadence,
    gaps: Sequence[int],
    per_driver: int,
    lines: int,
    driver: str,
    thresholds: Thresholds,
) -> LoopStatus:
    if cadence in ("exponential", "linear", "jittered", "stepped"):
        return "backoff"
    if per_driver < thresholds.storm_iterations or not anchor.hard:
        return "loop"
    if driver == "unknown" and 0 < sum(gaps) < thresholds.storm_span_ms:
        return "loop"
    gap = gap_of(gaps)
    pace = _mean(gaps) if profile.resolution_ms == 1000 else (gap.median if gap else None)
    fast = pace is not None and bool(gaps) and pace < thresholds.storm_gap_ms
    much = profile.records >= thresholds.storm_records and lines >= thresholds.storm_share * profile.lines
    if pace is None and _rising(anchor, thresholds, slowing=True):
        return "loop"
    return "storm" if fast or much or _rising(anchor, thresholds) else "loop"


def _rising(anchor: SignatureProfile, thresholds: Thresholds, *, slowing: bool = False) -> bool:
    """Whether the later half of the failures took far less time than the first half (`slowing`: far more)."""
    points = list(anchor.times.points())
    if len(points) < 8:
        return False
    total, seen = sum(n for _, n in points), 0
    for at, count in points:
        seen += count
        if seen * 2 >= total:
            early, late = at - points[0][0], points[-1][0] - at
            long, short = (late, early) if slowing else (early, late)
            return long >= (thresholds.rising + 1) * max(1, short)
    return False
