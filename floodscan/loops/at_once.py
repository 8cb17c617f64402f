"""Failures of one moment as one attempt: what a request does to several things at once fails several times at once.

Whether those are parallel calls, calls one after the other or tries without a pause, the log seldom tells. That they are
no attempts of whoever drives the loop it does: each request fails several times, or bursts of one size come with pauses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

from floodscan.loops.actors import REQUEST, Actor, Actors
from floodscan.loops.cadence import IMMEDIATE_MS, PAUSE_MS
from floodscan.loops.loop import Member
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.value import frozen

APART = 4
"""Shortest pause between two bursts, in longest gaps inside one (two calls of a page within 21 ms, asked for again after
1.8 s: 86): gaps that chance spreads have no such hole behind each second, third or later place."""
BURSTS = 3
"""Bursts from which one size is no chance."""
SAME = 0.9
"""Share of the bursts that have the usual size: a call may be cut off, or be the one that is answered."""
COUNTED = ("attempt", "delay_ms")
"""Details by which a line says itself that it tries again."""

Runs = Sequence[Sequence[Event]]


@frozen
class Attempts:
    """Who fails, in runs of attempts, and how many failures an attempt has at once."""

    actors: Actors | None
    runs: Runs
    """Of the loop's failures where no actor is known."""
    at_once: float = 1.0

    def of(self, lines: int) -> int:
        """How many attempts so many failures are."""
        return max(1, round(lines / self.at_once))


def attempts_of(
    anchor: SignatureProfile,
    carrier: SignatureProfile | None,
    actors: Actors | None,
    members: Sequence[Member],
    most: int,
    resolution_ms: int | None,
) -> Attempts:
    """`carrier`: whose lines name the actors; `most`: failures of one moment from which they are a loop of their own;
    `resolution_ms`: the clock's, without which nothing is one moment's; one of whole seconds shows no bursts."""
    every = Attempts(actors, anchor.ends.runs(anchor.count))
    counted = any(name in m.profile.details for m in members if m.profile.failure for name in COUNTED)
    if resolution_ms is None or anchor.timed < anchor.count or counted:
        return every
    if actors is not None and actors.top and carrier is not None:
        requests = {**_requests(carrier, most), **_requests(anchor, most)}
        if requests:
            usual = len(requests) / len(_by_request(sorted(requests), requests))
            return _gathered(every, lambda run: _by_request(run, requests), usual)
    size = _burst_size(every) if resolution_ms == 1 else 1
    return _gathered(every, lambda run: [burst[0] for burst in _bursts(run)], size) if 1 < size < most else every


def _gathered(every: Attempts, firsts: Callable[[Sequence[Event]], Sequence[Event]], usual: float) -> Attempts:
    """The same with an attempt for each of the `firsts` of a run; `usual`: failures of an attempt, by which they are
    counted where not all of a driver's failures are known."""
    if every.actors is None:
        return Attempts(None, [firsts(run) for run in every.runs], usual)
    top: list[Actor] = []
    for actor in every.actors.top:
        runs = tuple(tuple(firsts(run)) for run in actor.runs)
        kept = _length(runs) if _length(actor.runs) == actor.iterations else max(1, round(actor.iterations / usual))
        top.append(replace(actor, runs=runs, iterations=kept))
    top.sort(key=lambda a: (-a.iterations, a.rank))
    lines, attempts = (sum(a.iterations for a in actors) for actors in (every.actors.top, top))
    return Attempts(replace(every.actors, top=tuple(top)), every.runs, lines / attempts)


def _length(runs: Runs) -> int:
    return sum(map(len, runs))


def _requests(profile: SignatureProfile, most: int) -> Mapping[Event, int]:
    """Line -> its request, by the key whose values are fewest. Empty where each has one line, or one of them `most`."""
    keys = [key for name, key in sorted(profile.keys.items()) if REQUEST.search(name)]
    keys = [key for key in keys if key.count >= 0.5 * profile.count and key.distinct()[0] < key.count]
    stories = min(keys, key=lambda key: key.distinct()[0]).stories.items if keys else {}
    if any(story.count >= most for story in stories.values()):
        return {}
    return {event: rank for rank, story in stories.items() for event in story.ends.sorted()}


def _by_request(run: Sequence[Event], requests: Mapping[Event, int]) -> list[Event]:
    """Of the failures of one request that no pause parts, the first."""
    seen: dict[int, int] = {}
    out: list[Event] = []
    for event in run:
        request = requests.get(event)
        if request is None or request not in seen or event[0] - seen[request] > IMMEDIATE_MS:
            out.append(event)
        if request is not None:
            seen[request] = event[0]
    return out


def _bursts(run: Sequence[Event]) -> list[list[Event]]:
    """A run cut where its gaps are no longer those of one moment."""
    out: list[list[Event]] = []
    for event in run:
        if out and event[0] - out[-1][-1][0] <= PAUSE_MS:
            out[-1].append(event)
        else:
            out.append([event])
    return out


def _burst_size(every: Attempts) -> int:
    """Failures in a burst, where each driver's come in bursts of one size with far longer pauses between them; else 1.

    Where not all of a driver's failures are known, the first burst of a run and the last may be cut off.
    """
    whole = [(actor.runs, _length(actor.runs) == actor.iterations) for actor in every.actors.top] if every.actors else []
    drivers: list[tuple[Runs, bool]] = [*whole] if every.actors else [(every.runs, len(every.runs) == 1)]
    sizes: Counter[int] = Counter()
    inside, between = [1], []
    for run, known in ((run, known) for runs, known in drivers for run in runs):
        bursts = _bursts(run)
        sizes.update(map(len, bursts if known else bursts[1:-1]))
        inside += [b[0] - a[0] for burst in bursts for a, b in pairwise(burst)]
        between += [b[0][0] - a[-1][0] for a, b in pairwise(bursts)]
    size, times = sizes.most_common(1)[0] if sizes else (1, 0)
    apart = min(between, default=inf) >= APART * max(inside)
    return size if apart and times >= max(BURSTS, SAME * sizes.total()) else 1
