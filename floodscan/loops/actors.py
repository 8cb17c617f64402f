"""Who drives a loop: the id that stays from attempt to attempt, found and not configured."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from floodscan.loops.groups import Group
from floodscan.loops.links import Scenes
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.story import KeyProfile, Story
from floodscan.regex import regex
from floodscan.value import frozen

STAYS = 2.0
"""Lines for each value from which an id key names actors; an attempt's id has about one (lab: 1.0 against 23)."""
JOINED = 0.8
"""Share of the failures that an attempt's id must join to a line for its ids to name their actors."""
BESIDE = 1.1
"""Most lines for each failure, of a key on lines outside the loop that names its actors."""
REQUEST = regex(
    r"(?:^|[._-])(?:x[_-])?(?:trace|span|req|request|correlation|transaction)(?:[_-]?id)?\Z|(?:trace|span|request|correlation|transaction)_?id\Z",
    re.IGNORECASE,
)
"""Keys that name one request by convention: whatever repeats under one value happens inside that request."""
WORKER = regex(r"(?:^|[._])(?:worker|consumer|shard|partition)\Z")
"""Keys that name a part of the program itself: who tries again where nobody else is named. It may also do what others ask
for, so that failures of requests are no loop of the worker that met them."""
ADDRESS = regex(r"[\d.:a-f]+\Z", re.IGNORECASE)


@frozen
class Actor:
    """One driver of a loop: its id's value and rank, its iterations, and runs of its attempts in order."""

    value: str
    rank: int
    iterations: int
    runs: tuple[tuple[Event, ...], ...]

    @property
    def gaps(self) -> list[list[int]]:
        """Milliseconds between the attempts of each run."""
        return [[b[0] - a[0] for a, b in zip(run, run[1:], strict=False)] for run in self.runs]


@frozen
class ActorKey:
    """The id key that names a loop's actors, and the signature that carries it."""

    key: str
    carrier: SignatureProfile
    profile: KeyProfile

    @property
    def lines(self) -> int:
        """The carrier's lines that hold the key, at most: a line may hold several of its values."""
        return min(self.profile.count, self.carrier.count)

    @property
    def is_address(self) -> bool:
        """Whether the key holds network addresses: many people may stand behind one."""
        return _is_address(self.profile)

    @property
    def is_worker(self) -> bool:
        """Whether the key names a part of the program, which may work for many."""
        return WORKER.search(self.key) is not None

    @property
    def is_shared(self) -> bool:
        """Whether the traffic of many may go through what the key names."""
        return self.is_address or self.is_worker


@frozen
class Actors:
    """The actors of a loop, the busiest first (a sample where `approx`)."""

    key: str
    carrier: str
    """The signature whose lines hold the key."""
    distinct: int
    approx: bool
    top: tuple[Actor, ...]
    by_address: bool = False
    """Whether network addresses name them: a proxy or a NAT may stand before many clients."""


def actors_of(anchor: SignatureProfile, found: ActorKey, scenes: Scenes) -> Actors:
    """Who makes the anchor's iterations: from its own stories, else joined to the carrier by the attempts' ids."""
    if found.carrier is anchor:
        distinct, approx, top = _by_lines(found)
        return Actors(found.key, found.carrier.signature.id, distinct, approx, tuple(top), found.is_address)
    ranks = set(found.profile.ranks.items)
    joined = scenes.by_actor(anchor.signature.id, found.carrier.signature.id, ranks)
    seen = sum(len(run) for runs in joined.values() for run in runs)
    if seen < 0.5 * min(anchor.count, scenes.links(anchor.signature.id).anchors):
        return _from_carrier(found)
    values = {rank: story.value for rank, story in found.profile.stories.items.items()}
    whole = seen >= 0.99 * anchor.count
    actors = [
        Actor(
            values.get(rank, ""),
            rank,
            round(sum(map(len, runs)) * (1 if whole else anchor.count / seen)),
            _in_order(runs, whole=whole),
        )
        for rank, runs in joined.items()
    ]
    actors.sort(key=lambda a: (-a.iterations, a.rank))
    return Actors(found.key, found.carrier.signature.id, len(actors), not whole, tuple(actors), found.is_address)


def _in_order(runs: list[list[Event]], *, whole: bool) -> tuple[tuple[Event, ...], ...]:
    """The runs by time; one where no event is missing between them."""
    ordered = sorted(runs)
    return (tuple(sorted(e for run in ordered for e in run)),) if whole else tuple(tuple(sorted(r)) for r in ordered)


def _from_carrier(found: ActorKey) -> Actors:
    distinct, approx, every = _by_lines(found)
    top = [actor for actor in every if actor.iterations >= 2]
    distinct = distinct if approx else len(top)
    return Actors(found.key, found.carrier.signature.id, distinct, approx, tuple(top), found.is_address)


def _by_lines(found: ActorKey) -> tuple[int, bool, list[Actor]]:
    """How many actors a key names, whether that is an estimate, and each, the busiest first.

    Values that stand in the same lines (an access token and its refresh token) are one actor.
    """
    profile = found.profile
    distinct, approx = profile.distinct()
    stories = profile.stories.items
    several = profile.count > found.lines
    top: list[Actor] = []
    seen: set[tuple[int, tuple[Event, ...]]] = set()
    beside = 0
    for value, rank, count in profile.heavy():
        story = stories.get(rank)
        if story is None:
            top.append(Actor(value, rank, round(count * found.lines / profile.count), ()))
            continue
        lines = (count, tuple(story.ends.sorted()))
        if several and lines in seen:
            beside += 1
            continue
        seen.add(lines)
        top.append(Actor(value, rank, count, _runs(story)))
    if several and profile.stories.cut:  # of an actor's values one may be kept without the others
        top.sort(key=lambda actor: (-actor.iterations, actor.rank))
        distinct = max(1, round(distinct * found.lines / profile.count))
        return distinct, True, top[:distinct]
    return distinct - beside, approx, top


def _runs(story: Story) -> tuple[tuple[Event, ...], ...]:
    return tuple(tuple(run) for run in story.ends.runs(story.count))


class Carriers:
    """The signatures that may carry a loop's actors, at hand by how many lines each of their keys has."""

    def __init__(self, everything: Iterable[SignatureProfile]) -> None:
        self.by_id = {s.signature.id: s for s in everything}
        by_count = sorted((key.count, name) for name, s in self.by_id.items() for key in s.keys.values())
        self._counts = [count for count, _ in by_count]
        self._names = [name for _, name in by_count]

    def with_lines(self, least: float, most: float) -> list[SignatureProfile]:
        """Those with a key on so many lines, in the order of their ids."""
        names = self._names[bisect_left(self._counts, least) : bisect_right(self._counts, most)]
        return [self.by_id[name] for name in sorted(set(names))]


def find_actor(group: Group, carriers: Carriers, scenes: Scenes) -> ActorKey | None:
    """The key with the most distinct values that stay: on the anchor, else on a line of each attempt.

    Else on a line that an attempt's id joins to the failure, however many others succeed by it, or on a line outside the
    loop that carries the key once for each attempt (an access line whose URL holds the token). The last resort is the
    worker that the failure names.
    """
    anchor, members, links = group.anchor, group.members, group.links
    near = [m for m in members if m is not anchor and 0.8 <= m.count / anchor.count <= 1.5]
    near.sort(key=lambda m: (-m.failures, -links.share(m.signature.id), m.signature.id))
    inside = {m.signature.id for m in members}
    best = _best(anchor, [anchor, *near], _stays)
    if best is not None:
        return best
    joined = [
        carriers.by_id[name]
        for name in sorted(links.to)
        if name in carriers.by_id and carriers.by_id[name] is not anchor and links.share(name) >= JOINED
    ]

    def joins(anchor: SignatureProfile, member: SignatureProfile, profile: KeyProfile) -> bool:
        if not _stays(anchor, member, profile) or _is_address(profile):
            return False
        found = scenes.by_actor(anchor.signature.id, member.signature.id, set(profile.ranks.items))
        return sum(len(run) for runs in found.values() for run in runs) >= JOINED * links.anchors

    best = _best(anchor, sorted(joined, key=lambda s: (s.failure, s.count, s.signature.id)), joins)
    beside = carriers.with_lines(anchor.count, BESIDE * anchor.count + 1)
    best = best or _best(anchor, [s for s in beside if s.signature.id not in inside], _beside)
    return best or _best(anchor, [anchor, *near], _stays, workers=True)


def _best(
    anchor: SignatureProfile,
    carriers: Sequence[SignatureProfile],
    fits: Callable[[SignatureProfile, SignatureProfile, KeyProfile], bool],
    *,
    workers: bool = False,
) -> ActorKey | None:
    best: tuple[tuple[object, ...], ActorKey] | None = None
    for place, member in enumerate(carriers):
        for key in sorted(member.keys):
            profile = member.keys[key]
            if REQUEST.search(key) or bool(WORKER.search(key)) is not workers or not fits(anchor, member, profile):
                continue
            score = (_is_address(profile), place > 0, -profile.distinct()[0], place, key)
            if best is None or score < best[0]:
                best = (score, ActorKey(key, member, profile))
    return best[1] if best else None


def _is_address(profile: KeyProfile) -> bool:
    sample = profile.stories.values()[0].value if profile.stories.items else ""
    return bool(ADDRESS.match(sample)) and ("." in sample or ":" in sample)


def _stays(anchor: SignatureProfile, member: SignatureProfile, profile: KeyProfile) -> bool:
    return profile.count >= 0.5 * member.count and profile.count / max(1, profile.distinct()[0]) >= STAYS


def _beside(anchor: SignatureProfile, member: SignatureProfile, profile: KeyProfile) -> bool:
    """Whether the key's lines are as many as the attempts, and nearly all stand while the loop runs."""
    if not 1.0 <= profile.count / anchor.count <= BESIDE or profile.count / max(1, profile.distinct()[0]) < STAYS:
        return False
    first, last = anchor.ends.sorted()[0], anchor.ends.sorted()[-1]
    reach = 2 * max(1, (last[1] - first[1]) // max(1, anchor.count))
    events = [e for story in profile.stories.items.values() for e in story.ends.sorted()]
    within = sum(first[1] - reach <= e[1] <= last[1] + reach for e in events)
    return within >= 0.9 * len(events)


def repeats_inside_requests(anchor: SignatureProfile) -> bool:
    """Whether one request writes the failure several times: it goes through many things, it does not try again."""
    keys = [anchor.keys[key] for key in sorted(anchor.keys) if REQUEST.search(key)]
    return any(k.count >= 0.5 * anchor.count and k.count / max(1, k.distinct()[0]) >= STAYS for k in keys)
