"""What looks like a loop and is none: traffic that fails, expected branches, things that fail now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floodscan.loops.actors import JOINED, REQUEST, WORKER, ActorKey, actors_of, repeats_inside_requests
from floodscan.loops.groups import LINKED, Group
from floodscan.loops.links import Links, Scenes
from floodscan.loops.loop import Member
from floodscan.loops.pace import Pace
from floodscan.loops.thresholds import Thresholds
from floodscan.model import Cadence, Gap
from floodscan.profile.sample import names_attempt
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.story import Story

TIME, POSITION = 0, 1
"""Of an event."""

NOW_AND_THEN_MS = 5_000
"""Irregular gaps from here on, of one line without ids, are no retry (a developer's restarts: 8 to 158 s; a poll that
retries twice each time: 1 and 3 s)."""
GAPS, SHORT, LONG = 20, 0.3, 2.2
"""Gaps from which their spread tells something, and the spread of chance: a full jitter, the widest that clients use, has
p10 and p90 at 0.2 and 1.8 medians (drawn failures, 600 to 1,400 an hour)."""
EACH_ONCE = 0.8
"""Distinct people for each failure that names one, from which each fails once (an outage that 400 users met: 1.0)."""
TOO_MANY = 429
USUAL = 10
"""Lines outside of the failures' time from which they show what is usual."""
ONE_ITERATION = 32
"""Lines before an actor's first failure within which its first attempt began."""


def is_no_loop(
    group: Group,
    members: Sequence[Member],
    links: Mapping[str, Links],
    key: ActorKey | None,
    pace: Pace,
    signatures: Mapping[str, SignatureProfile],
    scenes: Scenes,
    thresholds: Thresholds,
    *,
    by_time: bool,
) -> bool:
    """Whether what recurs is something else than attempts of one driver that fail."""
    unnamed = key is None or key.is_worker
    return (
        (by_time and _one_burst(group.anchor, sum(m.profile.count for m in members), thresholds))
        or _answers_of_traffic(group.anchor, signatures, thresholds)
        or _traffic_that_fails(signatures, group, key, scenes, thresholds)
        or (unnamed and repeats_inside_requests(group.anchor))
        or _expected(members, links, pace.cadence, key, thresholds)
        or _nobody_drives(members, key, pace)
        or (unnamed and (_each_once(group.anchor) or _requests(group.anchor)))
        or _clients_errors(group.anchor, key)
    )


def _one_burst(anchor: SignatureProfile, lines: int, thresholds: Thresholds) -> bool:
    if anchor.first is None or anchor.last is None:
        return False
    return lines < thresholds.burst_lines and anchor.last - anchor.first < thresholds.burst_ms


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
    if actor is not None and actor.carrier.signature.id in inside and not actor.is_shared:
        return False
    if actor is not None and group.links.share(actor.carrier.signature.id) >= JOINED and not actor.is_shared:
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
    within = _within(entry, anchor)
    span_in = anchor.last - anchor.first + 2 * entry.times.width
    if anchor.count < thresholds.failing_share * within:
        return True
    if entry.first is None or entry.last is None:
        return False
    return _at_usual_pace(within, span_in, entry.count - within, entry.last - entry.first - span_in, thresholds)


def _at_usual_pace(within: int, span_in: int, outside: int, span_out: int, thresholds: Thresholds) -> bool:
    """Whether so many lines in the failures' time are no more than usual by those outside of it; spans in milliseconds."""
    return outside >= USUAL and within / max(1, span_in) <= thresholds.same_pace * outside / max(1, span_out)


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
            mine, theirs = 0, 0.0
            for rank in sorted(shared):
                first, *_, last = failing[rank].ends.sorted()
                mine += failing[rank].count
                axis = TIME if first[TIME] else POSITION  # the places of several files are in no order
                theirs += _between(stories[rank], first[axis], last[axis], axis)
            if theirs and mine / (mine + theirs) < thresholds.failing_share / 2:
                return True
    return False


def _each_once(anchor: SignatureProfile) -> bool:
    """Whether the failure names somebody each time, and hardly anybody twice: many fail, nobody tries again."""
    return any(
        not names_attempt(name)
        and not REQUEST.search(name)
        and key.count >= 0.8 * anchor.count
        and key.distinct()[0] >= EACH_ONCE * key.count
        for name, key in anchor.keys.items()
    )


def _requests(anchor: SignatureProfile) -> bool:
    """Whether each failure is a request of its own and nothing names who sends them: traffic that fails."""
    return any(
        REQUEST.search(name) and key.count >= 0.8 * anchor.count and key.distinct()[0] >= EACH_ONCE * key.count
        for name, key in anchor.keys.items()
    )


def _clients_errors(anchor: SignatureProfile, key: ActorKey | None) -> bool:
    """Whether it is a bare 4xx that no known actor gets again and again: the client's affair (a crawler, a scan)."""
    own = anchor.signature
    bare = own.status is not None and 400 <= own.status < 500 and not (own.type or own.code or own.opacity)
    return bare and own.status != TOO_MANY and (key is None or key.is_shared)


def _answers_of_traffic(
    anchor: SignatureProfile, signatures: Mapping[str, SignatureProfile], thresholds: Thresholds
) -> bool:
    """Whether a bare status is one of the answers of one access line, of which most succeed at the same time, or which
    come no more often than before and after: an outage, and nobody tries again for it."""
    own = anchor.signature
    if own.status is None or own.type or own.code or own.opacity:
        return False
    answers = [
        other
        for other in signatures.values()
        if not other.failure and other.signature.words == own.words and other.signature.logger == own.logger
    ]
    answered = sum(_within(other, anchor) for other in answers)
    within = anchor.count + answered
    if anchor.count < thresholds.failing_share * within:
        return True
    times = [time for s in (anchor, *answers) for time in (s.first, s.last) if time is not None]
    if anchor.first is None or anchor.last is None:
        return False
    span_in = anchor.last - anchor.first + 2 * anchor.times.width
    outside = sum(other.count for other in answers) - answered
    return _at_usual_pace(within, span_in, outside, max(times) - min(times) - span_in, thresholds)


def _within(other: SignatureProfile, anchor: SignatureProfile) -> int:
    """Lines of `other` between the anchor's first and last; all of them without a clock."""
    if anchor.first is None or anchor.last is None:
        return other.count
    width = other.times.width
    return sum(n for at, n in other.times.points() if anchor.first - width <= at <= anchor.last + width)


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
            begun += _between(story, one.runs[0][0][1] - ONE_ITERATION, one.runs[-1][-1][1], POSITION)
            failed += sum(map(len, one.runs))
    return again >= thresholds.failing_share * group.anchor.count and failed >= thresholds.failing_share * begun


def _between(story: Story, first: int, last: int, axis: int) -> float:
    """How many of a story's events stand between two times or positions; those not kept are taken to be spread evenly."""
    events = [e[axis] for e in story.ends.sorted()]
    within = float(sum(first <= position <= last for position in events))
    missing = story.count - len(events)
    if missing > 0:
        low, high = events[story.ends.cap - 1], events[story.ends.cap]
        within += missing * max(0, min(high, last) - max(low, first)) / max(1, high - low)
    return within


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


def _nobody_drives(members: Sequence[Member], key: ActorKey | None, pace: Pace) -> bool:
    """Whether something fails with no id, no other line beside it and no pace: each for its own reason.

    That is now and then, or as often as you like with gaps as chance makes them: who tries again waits at least a little.
    """
    alone = (key is None or key.is_worker) and all(
        m.profile.failure and all(WORKER.search(name) for name in m.profile.keys) for m in members
    )
    if not alone or pace.gap is None or pace.cadence not in ("irregular", "jittered", "unknown"):
        return False
    return pace.gap.median >= NOW_AND_THEN_MS or (pace.exact and len(pace.gaps) >= GAPS and _by_chance(pace.gap))


def _by_chance(gap: Gap) -> bool:
    """Whether gaps spread as those of independent events do: exponentially, p10 and p90 at 0.15 and 3.3 medians."""
    return gap.p10 <= SHORT * gap.median and gap.p90 >= LONG * gap.median
