"""Profile -> loops, pure: which failures recur, who drives them, at what pace, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from floodscan.loops.actors import ActorKey, Actors, Carriers, actors_of, find_actor
from floodscan.loops.at_once import attempts_of
from floodscan.loops.groups import Group, find_groups
from floodscan.loops.iteration import iteration_of
from floodscan.loops.last_words import may_tell_success
from floodscan.loops.links import Link, Links, Scenes
from floodscan.loops.loop import Driver, Ending, FoundLoop, Member
from floodscan.loops.outcome import ending_of
from floodscan.loops.pace import pace_of
from floodscan.loops.status import lockstep, status_of
from floodscan.loops.thresholds import DEFAULTS, Thresholds
from floodscan.loops.traffic import is_no_loop
from floodscan.loops.within import within
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile

TIED = 0.8
"""Share of the failures that an attempt's id must join to a line for it to mark the beginning or end of an attempt."""


def find_loops(
    profile: Profile,
    signatures: Mapping[str, SignatureProfile],
    scenes: Scenes,
    thresholds: Thresholds = DEFAULTS,
    *,
    banners: Collection[str] = (),
) -> list[FoundLoop]:
    """All loops, the worst first. `signatures` and `scenes`: by their rolled-up ids.

    `banners`: ids of the signatures by which a process says that it begins.
    """
    by_time = profile.resolution_ms == 1
    carriers = Carriers(signatures.values())
    loops = []
    groups = find_groups(signatures, scenes, by_time=by_time)
    ill = {name for name, s in signatures.items() if not (s.failure or may_tell_success(s))} if groups else ()
    for group in groups:
        loop = _loop(profile, signatures, group, scenes, carriers, thresholds, {*banners, *ill}, by_time=by_time)
        if loop is not None:
            loops.append(loop)
    return sorted(loops, key=lambda x: (x.status != "storm", -x.lines, x.anchor.signature.id))


def _loop(
    profile: Profile,
    signatures: Mapping[str, SignatureProfile],
    group: Group,
    scenes: Scenes,
    carriers: Carriers,
    thresholds: Thresholds,
    no_success: Collection[str],
    *,
    by_time: bool,
) -> FoundLoop | None:
    if group.anchor.count < thresholds.least_iterations:
        return None
    anchor, members, links = iteration_of(group, signatures, scenes, by_time=by_time)
    group = Group(anchor, group.members, links[anchor.signature.id])
    key = find_actor(group, carriers, scenes)
    actors = actors_of(anchor, key, scenes) if key else None
    first, tail = _bounds(members, links[anchor.signature.id]) if by_time else (None, 0.0)
    attempts = attempts_of(
        anchor, key.carrier if key else None, actors, members, thresholds.storm_iterations, profile.resolution_ms
    )
    actors = attempts.actors
    pace = pace_of(profile, anchor, actors, attempts.runs, first, tail)
    if is_no_loop(group, members, links, key, pace, signatures, scenes, thresholds, by_time=by_time):
        return None
    inside = {m.profile.signature.id for m in members}
    outside = [s for s in signatures.values() if s.signature.id not in inside]
    end = (profile.last or 0) if pace.clocked else max(s.ends.sorted()[-1][1] for s in signatures.values())
    ending = ending_of(group, members, actors, outside, pace, end, no_success=no_success, by_time=by_time)
    iterations = attempts.of(_iterations(anchor, key, actors, ending))
    busiest = actors.top[0].iterations if actors and actors.top else iterations
    if attempts.at_once > 1 and busiest < thresholds.least_iterations:
        return None
    if ending.until_success is not None:
        ending = replace(ending, until_success=min(ending.until_success, iterations))
    members = within(members, anchor, by_time=by_time)
    members = [replace(m, per_iteration=m.per_iteration * attempts.at_once) for m in members]
    lines = sum(m.lines for m in members)
    driver: Driver = "actor" if actors else "timer" if pace.cadence == "fixed" and not anchor.keys else "unknown"
    return FoundLoop(
        anchor=anchor,
        members=members,
        links=group.links,
        iterations=iterations,
        lines=lines,
        actors=actors,
        driver=driver,
        pace=pace,
        ending=ending,
        lockstep=lockstep(actors, pace.gap, profile.resolution_ms or 1),
        status=status_of(profile, anchor, pace, busiest, lines, driver, members, thresholds),
        by_time=by_time,
        at_once=attempts.at_once,
    )


def _iterations(anchor: SignatureProfile, key: ActorKey | None, actors: Actors | None, ending: Ending) -> int:
    """The anchor's lines; those of the actors' attempts alone where other traffic writes the same line.

    Only a line beside the failure tells them apart: it carries the actor's id once an attempt.
    """
    if key is None or actors is None or key.carrier is anchor:
        return anchor.count
    if not 0.5 * anchor.count <= key.lines < 0.99 * anchor.count:
        return anchor.count
    return key.lines - ending.actors_recovered


def _bounds(members: Sequence[Member], links: Links) -> tuple[Link | None, float]:
    """How the failures hang on the line that begins their attempts, and milliseconds to the one that ends them."""
    tied = [m for m in members if links.share(m.profile.signature.id) >= TIED]
    before = [m for m in tied if m.lag < 0]
    tail = max((m.lag for m in tied), default=0.0)
    return (links.to[before[0].profile.signature.id] if before else None), max(0.0, tail)
