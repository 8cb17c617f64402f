"""How a loop ended: the line that takes the failure's place, or silence, or the end of the log."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf, sqrt

from floodscan.averages import mean, median
from floodscan.loops.actors import Actor, Actors
from floodscan.loops.groups import Group
from floodscan.loops.last_words import ended_by
from floodscan.loops.loop import Ending, Member
from floodscan.loops.pace import COARSE_MS, Pace, pause_of
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.story import Story
from floodscan.regex import regex

INSIDE = 0.1
"""Share of the iterations in which a line that marks success may be seen before the last failure."""
RECOVERED = 0.9
"""Share of the repeating actors that must be seen to succeed after their last failure."""
BEGINS = 0.5
"""Share of the shortest usual gap after which a next attempt may have been made."""
ENTRY = 0.5
"""Share of the failures that an attempt's id joins to an earlier failing line, for it to begin the attempt."""
UPTIME = 0.5
"""Time from an attempt's last success line to its failure, over the time it took to get there, from which the line
reported a success that did not last (lab: 1.3; a slow query behind a sign-in has one such line, not two)."""
UPTIME_MS = 100
DUE = 1.5
"""Longest gaps within which the line stands that takes the next failure's place, for the lines between are not even
(lab: 1.1), and a connect that succeeds takes its time where a refused one takes none (a new user's log: 1.2)."""
RARE = 3
"""Lines up to which one may announce a success: a few clients say so at different times, ordinary traffic goes on."""
NAMING = 4
"""Letters of a word that names a thing: shorter ones are to, for and the."""
RECENT = 5
"""Gaps before the last failure that tell when the next one was due (lab: two clients of one server)."""
CONNECTION = regex(r"(?:^|[._-]|(?<=[a-z]))(?:conn|connection|socket|session|channel|stream|ws)(?:[._-]?(?:id|uuid|no))?\Z", re.IGNORECASE)
"""Keys that name a connection by convention: it can succeed and be lost. A request that is received has not succeeded."""
ON_TIME = 0.1
"""How far off the next attempt's time the line may be that stands in the place of its failure (lab: 0.01)."""


def ending_of(
    group: Group,
    members: Sequence[Member],
    actors: Actors | None,
    outside: Sequence[SignatureProfile],
    pace: Pace,
    end: int,
    *,
    no_success: Collection[str] = (),
    by_time: bool,
) -> Ending:
    """`outside`: what is no part of the iteration; `end`: of the log, on the failures' clock (positions where they have
    none); `no_success`: signatures of lines that begin a process, or say that something ended badly."""
    anchor, axis = group.anchor, 0 if by_time else 1
    others = [s for s in outside if not s.failure and s.signature.id not in no_success]
    entries = [
        m.profile
        for m in members
        if m.lag < 0 and (not m.profile.failure or group.links.share(m.profile.signature.id) >= ENTRY)
    ]
    found = _by_actor(actors, anchor, entries, others, pace, axis) if actors else None
    if found is None and actors:
        found = _by_attempt(actors, anchor, entries, others, end, axis)
    if found is None and not (actors and _told_apart(actors, others)):
        found = _by_entry(anchor, entries, others, end, axis)
    if found is None and by_time and not anchor.keys and not entries:
        found = _on_time(anchor, others, pace.gaps, end)
    if found is None and not pace.clocked and not anchor.keys and not entries:
        found = _in_place(anchor, others, by_time=by_time)
    if found is not None and (found.tied or not _goes_on(found, anchor, [*outside, *(m.profile for m in members)])):
        return replace(found, until_success=_until(found, actors, anchor))
    if pace.clocked and actors and (mark := _false_success(group, members, actors, by_time=by_time)):
        return Ending("false-success", mark)
    last = max(e[0 if pace.clocked else 1] for e in anchor.ends.sorted())
    said = ended_by(anchor, outside, actors, pause_of(pace) if pace.clocked else inf)
    return Ending("ceased" if said or last + pause_of(pace) < end else "ongoing", ended_by=said)


def _goes_on(found: Ending, anchor: SignatureProfile, every: Sequence[SignatureProfile]) -> bool:
    """Whether another line logs the same error again behind the success: then its place proves nothing."""
    code, success = anchor.signature.code, found.success
    if code is None or success is None:
        return False
    last = success.ends.sorted()[-1]
    return any(s.failure and s.signature.code == code and s.ends.sorted()[-1] > last for s in every)


def _until(found: Ending, actors: Actors | None, anchor: SignatureProfile) -> int:
    """Failed iterations until success: of the median actor that recovered, never more than there were."""
    if found.until_success is not None:
        return min(found.until_success, anchor.count)
    each = round(median(a.iterations for a in actors.top)) if actors and actors.top else anchor.count
    return min(each, anchor.count)


def _false_success(
    group: Group, members: Sequence[Member], actors: Actors, *, by_time: bool
) -> SignatureProfile | None:
    """The line with which each attempt reports success some time before it fails."""
    before = [m for m in members if m.lag < 0]
    marks = [m for m in before if not m.profile.failure and m.per_iteration >= 0.95 and actors.key in m.profile.keys]
    if len(marks) < 2 or not any(CONNECTION.search(name) for name in marks[-1].profile.keys.keys() & group.anchor.keys):
        return None
    if by_time:
        begun, marked, error = before[0].lag, marks[-1].lag, 0.0
    else:
        (begun, _), (marked, error) = _mean_lag(group, before[0]), _mean_lag(group, marks[-1])
    uptime, handshake = -marked - error, marked - begun
    return marks[-1].profile if uptime >= max(UPTIME_MS, UPTIME * handshake) else None


def _mean_lag(group: Group, member: Member) -> tuple[float, float]:
    """Milliseconds from the anchor to a line that shares its attempts' ids, and the standard error of that.

    On a clock of whole seconds a single lag is off by up to a second, with a variance of 1/6 of a second squared; their
    mean is not.
    """
    link = group.links.to.get(member.profile.signature.id)
    if link is None or not link.lags:
        return 0.0, inf
    return mean(link.lags), 1000 / sqrt(6 * len(link.lags))


def _by_actor(
    actors: Actors,
    anchor: SignatureProfile,
    entries: Sequence[SignatureProfile],
    others: Sequence[SignatureProfile],
    pace: Pace,
    axis: int,
) -> Ending | None:
    """The success line with the same actors' ids that comes after their last failure and hardly before.

    An attempt must have begun since; where no line shows its beginning, the time for one must have passed.
    """
    repeating = [a for a in actors.top if a.iterations >= 2 and a.runs]
    last = anchor.ends.sorted()[-1]
    if entries and not any(entry.ends.sorted()[-1] > last for entry in entries) and len(repeating) < 2:
        return None
    least = 0 if entries or pace.gap is None or axis else BEGINS * pace.gap.p10
    best: tuple[tuple[object, ...], Ending] | None = None
    ranks = {actor.rank for actor in repeating}
    for other in others:
        if all(ranks.isdisjoint(key.stories.items) for key in other.keys.values()):
            continue  # most lines know none of them
        recovered: list[tuple[int, int]] = []
        for actor in repeating:
            mine = _story_of(other, actor.rank)
            if mine is not None and (lag := _after(actor, mine, axis)) is not None and lag >= least:
                recovered.append((lag, actor.iterations))
        if recovered and len(recovered) >= RECOVERED * len(repeating):
            until = round(median(n for _, n in recovered))
            ending = Ending("recovered", other, len(recovered), until, tied=True)
            score = (-len(recovered), median(lag for lag, _ in recovered), other.signature.id)
            if best is None or score < best[0]:
                best = (score, ending)
    return best[1] if best else None


def _by_attempt(
    actors: Actors,
    anchor: SignatureProfile,
    entries: Sequence[SignatureProfile],
    others: Sequence[SignatureProfile],
    end: int,
    axis: int,
) -> Ending | None:
    """The same actors begin an attempt after their last failure, and no failure follows it.

    What tells it is the first line that comes where the failure would have, and never stood among the failures.
    """
    repeating = [a for a in actors.top if a.iterations >= 2 and a.runs]
    recovered: list[tuple[int, Event, int]] = []
    for actor in repeating:
        last = actor.runs[-1][-1]
        stories = [story for entry in entries if (story := _story_of(entry, actor.rank)) is not None]
        events = sorted(e for story in stories for e in story.ends.sorted())
        begun = next((e for e in events if e > last), None)
        before = [e for e in events if e <= last]
        if begun is not None and before:
            until = begun[axis] + _reach(last[axis] - before[-1][axis], axis)
            if until < end:
                recovered.append((actor.iterations, begun, until))
    if not recovered or len(recovered) < RECOVERED * len(repeating):
        return None
    failures = anchor.ends.sorted()
    _, begun, until = recovered[0]
    marks: list[tuple[Event, str, SignatureProfile]] = []
    for other in others:
        events = other.ends.sorted()
        behind = next((e for e in events if e > begun and e[axis] <= until), None)
        among = any(failures[0] <= e <= failures[-1] for e in events)
        if behind is not None and not among:
            marks.append((behind, other.signature.id, other))
    if not marks:
        return None
    return Ending("recovered", min(marks)[2], len(recovered), round(median(n for n, _, _ in recovered)))


def _reach(lag: int, axis: int) -> int:
    """How far behind its beginning an attempt's end may stand, where its failures stand `lag` behind theirs."""
    return 4 * max(1, lag) + (50 if axis == 0 else 10)


def _told_apart(actors: Actors, others: Sequence[SignatureProfile]) -> bool:
    """Whether lines that may mark success carry the actors' ids, so that one actor's success is not another's."""
    ranks = {actor.rank for actor in actors.top}
    rest = [other for other in others if other.signature.id != actors.carrier]
    return len(ranks) > 1 and any(ranks & k.stories.items.keys() for other in rest for k in other.keys.values())


def _story_of(other: SignatureProfile, rank: int) -> Story | None:
    keys = other.keys
    for key in sorted(keys) if len(keys) > 1 else keys:
        story = other.keys[key].stories.items.get(rank)
        if story is not None:
            return story
    return None


def _after(failing: Actor, other: Story, axis: int) -> int | None:
    """How long after the last failure the other line comes; None where it does not, or stood among the failures."""
    first, last = failing.runs[0][0], failing.runs[-1][-1]
    events = other.ends.sorted()
    behind = [e for e in events if (e[axis], e) > (last[axis], last)]
    among = [e for e in events if first <= e <= last]
    if not behind or len(among) > INSIDE * failing.iterations:
        return None
    return behind[0][axis] - last[axis]


def _by_entry(
    anchor: SignatureProfile,
    entries: Sequence[SignatureProfile],
    others: Sequence[SignatureProfile],
    end: int,
    axis: int,
) -> Ending | None:
    """Without actors: an iteration that began after the last failure, and the line that stands in the failure's place.

    Where the beginning has ids, so must the line; and the log must go on behind it, or the attempt is only cut off.
    """
    failures = anchor.ends.sorted()
    last, first = failures[-1], failures[0]
    for entry in entries:
        begun = [e for e in entry.ends.sorted() if e > last]
        before = [e for e in entry.ends.sorted() if e <= last]
        if not begun or not before:
            continue
        reach = _reach(last[axis] - max(before)[axis], axis)
        if begun[-1][axis] + reach >= end:
            continue
        marks: list[tuple[int, str, SignatureProfile]] = []
        for other in others:
            if entry.keys and not other.keys.keys() & entry.keys.keys():
                continue
            events: list[Event] = other.ends.sorted()
            among = [e for e in events if first <= e <= last]
            behind = [e[axis] - begun[-1][axis] for e in events if e >= begun[-1]]
            lags = [lag for lag in behind if lag <= reach]
            if lags and len(among) <= INSIDE * anchor.count and other.count <= max(3, 0.5 * anchor.count):
                marks.append((min(lags), other.signature.id, other))
        if marks:
            return Ending("recovered", min(marks)[2], 1)
    return None


def _on_time(anchor: SignatureProfile, others: Sequence[SignatureProfile], gaps: Sequence[int], end: int) -> Ending | None:
    """Without ids and entries: the line, unseen among the failures, that comes when the next attempt is due.

    Of several, one that the failure's own logger wrote, then one without ids, as the failure has none. Else a rare one of
    the same thing that comes late, for to succeed takes longer than to be refused, if the log then goes on.
    """
    if len(gaps) < 3:
        return None
    growth = gaps[-1] - gaps[-2] if gaps[-1] > 1.1 * gaps[-2] else 0
    due, first, last = gaps[-1] + growth, anchor.ends.sorted()[0], anchor.ends.sorted()[-1]
    marks: list[tuple[bool, bool, bool, int, str, SignatureProfile]] = []
    for other in others:
        events = other.ends.sorted()
        behind = [e[0] - last[0] - due for e in events if e > last]
        if not behind or not other.timed or any(first <= e <= last for e in events):
            continue
        off = min(map(abs, behind))
        late = off > ON_TIME * due
        if late and not (other.count <= RARE and 0 < behind[0] <= (DUE - 1) * due and _same_thing(anchor, other)):
            continue
        if late and last[0] + (1 + DUE) * due >= end:  # one more attempt was not due yet
            continue
        foreign = other.signature.logger != anchor.signature.logger
        marks.append((late, foreign, bool(other.keys), off, other.signature.id, other))
    return Ending("recovered", min(marks)[-1], 1) if marks else None


def _same_thing(a: SignatureProfile, b: SignatureProfile) -> bool:
    """Whether two lines have their first word in common, or one that is long enough to name a thing."""
    ours, theirs = ([word.casefold() for word in s.signature.words] for s in (a, b))
    return ours[:1] == theirs[:1] or any(len(word) >= NAMING and word in theirs for word in ours)


def _in_place(anchor: SignatureProfile, others: Sequence[SignatureProfile], *, by_time: bool) -> Ending | None:
    """The same without a clock of its own: a line, hardly seen among the failures, where the next one was due.

    Places are the times of the lines around, where these tell the failures apart, else lines of the log. The log must go
    on behind it, without the failure, until one more was due.
    """
    for axis in (0, 1):
        failures = [e[axis] for e in anchor.ends.sorted()]
        gaps = [b - a for a, b in pairwise(failures)][-RECENT:]
        if len(gaps) == RECENT and (axis or median(gaps) >= (1 if by_time else COARSE_MS)):
            break
    else:
        return None
    reach, last = DUE * max(gaps), failures[-1]
    end = max(other.ends.sorted()[-1][axis] for other in (anchor, *others))
    marks: list[tuple[int, str, SignatureProfile]] = []
    for other in others:
        places = [e[axis] for e in other.ends.sorted()]
        among = sum(failures[0] <= place <= last for place in places)
        at = next((place for place in places if last < place <= last + reach), None)
        if at is None or other.count > RARE or among > INSIDE * anchor.count:
            continue
        if at + median(gaps) < end:
            marks.append((at, other.signature.id, other))
    return Ending("recovered", min(marks)[-1], 1) if marks else None
