"""What scenes tell: which events share an attempt's id with a failure, and in which order they come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import chain

from floodscan.averages import median
from floodscan.profile.profile import Profile
from floodscan.profile.sample import Event
from floodscan.profile.scene import BlockKey, SceneEvent
from floodscan.value import mutable

ONE_ATTEMPT = 64
"""An id value on more events of a scene than this names no attempt."""
FAR = 1 << 20
EDGE = 32
"""Events from a stretch's end within which an attempt may be cut off."""
UNDER_WAY = 2.0
"""Usual time from the event to its attempt's last line, times this: as long an attempt may be under way at the end."""
LAST = 8
"""The same at the end of the log, where an attempt may be under way."""


@mutable
class Link:
    """How the events of one signature hang on another's by an attempt's id."""

    anchors: int = 0
    """Anchor events that share an attempt's id with an event of the signature."""
    tied: int = 0
    """Of `anchors`, those joined by a key that names attempts by convention: only they prove anything."""
    events: int = 0
    """Events of the signature that share an attempt's id with an anchor event."""
    at: list[int] = field(default_factory=list)
    """Positions of those anchor events."""
    lags: list[int] = field(default_factory=list)
    """Milliseconds from each of them to its first linked event."""
    steps: list[int] = field(default_factory=list)
    """Lines from each of them to its first linked event."""
    order: list[int] = field(default_factory=list)
    """-1 or 1: whether the linked event stands before or behind its anchor."""

    @property
    def lag(self) -> float:
        return median(self.lags) if self.lags else 0.0


@mutable
class Links:
    """One signature's links in all scenes."""

    at: Sequence[int]
    """Where the signature's events stand among all."""
    places: Mapping[str, list[int]]
    """The same of every signature."""
    to: dict[str, Link] = field(default_factory=dict)
    after: list[frozenset[str]] = field(default_factory=list)
    """For each anchor with an attempt's id: the signatures that its attempt writes behind it."""
    cut: list[frozenset[str]] = field(default_factory=list)
    """The same for anchors near the end of a stretch, of whose attempts the rest may be missing."""

    @property
    def anchors(self) -> int:
        """Events of the signature in the scenes."""
        return len(self.at)

    def tied(self, signature: str) -> float:
        """Share of the anchors that a key which names attempts joins to `signature`."""
        link = self.to.get(signature)
        return link.tied / self.anchors if link and self.anchors else 0.0

    def share(self, signature: str) -> float:
        """Share of the anchors that an event of `signature` is linked to."""
        link = self.to.get(signature)
        return link.anchors / self.anchors if link and self.anchors else 0.0

    def returned(self, signature: str) -> float:
        """Share of the events of `signature`, while the loop runs, that are linked to an anchor."""
        link = self.to.get(signature)
        if link is None:
            return 0.0
        others = self.places[signature]
        total = bisect_right(others, self.at[-1]) - bisect_left(others, self.at[0])
        return min(1.0, link.events / total) if total else 0.0


class Scenes:
    """The events of a profile's scenes in one order, with signatures as the roll-up names them.

    Ids join events of any two scenes; pauses are read within a stretch of adjacent blocks only.
    """

    def __init__(self, profile: Profile, names: dict[str, str]) -> None:
        events: list[tuple[str, SceneEvent, int]] = []
        before: BlockKey | None = None
        stretch = 0
        for key in sorted(profile.scenes):
            stretch += before is not None and key != (before[0], before[1] + 1)
            before = key
            for event in profile.scenes[key]:
                own = event.signature.id
                events.append((names.get(own, own), event, stretch))
        events.sort(key=lambda e: (e[1].time, e[1].position))
        self.events = events
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        """Signature -> where its events stand."""
        self._holders: defaultdict[int, list[int]] = defaultdict(list)
        """Rank of an id -> the events that carry it."""
        self._links: dict[str, Links] = {}
        last: dict[int, int] = {}
        for i, (name, event, stretch) in enumerate(events):
            self._at[name].append(i)
            last[stretch] = i
            for rank in event.ids:
                self._holders[rank].append(i)
        self._ends = sorted(last.values())
        """Where stretches end: what follows there is not known."""

    def links(self, anchor: str) -> Links:
        """What hangs on the events of `anchor` by an id that only one of them carries."""
        found = self._links.get(anchor)
        if found is None:
            found = self._links[anchor] = Links(self._at.get(anchor, ()), self._at)
            self._link(found)
        return found

    def _link(self, found: Links) -> None:
        events, holders, at = self.events, self._holders, found.at
        uses = Counter(chain.from_iterable(set(events[i][1].ids) for i in at))
        linked_events: set[int] = set()
        attempts: list[tuple[int, list[int]]] = []
        for i in at:
            anchor = events[i][1]
            seen: set[str] = set()
            near: dict[int, bool] = {}
            for rank in anchor.ids:
                if uses[rank] == 1 and 1 < len(sharing := holders[rank]) <= ONE_ATTEMPT:
                    for j in sharing:
                        near[j] = bool(rank & 1) or near.get(j, False)
            near.pop(i, None)
            if not near:
                continue
            ordered = sorted(near)
            for j in ordered:
                name, event, _ = events[j]
                link = found.to.get(name)
                if link is None:
                    link = found.to[name] = Link()
                if name not in seen:
                    link.anchors += 1
                    link.tied += near[j]
                    link.at.append(anchor.position)
                    link.lags.append(event.time - anchor.time)
                    link.steps.append(event.position - anchor.position)
                    link.order.append(1 if j > i else -1)
                    seen.add(name)
                if j not in linked_events:
                    link.events += 1
                    linked_events.add(j)
            attempts.append((i, ordered[bisect_right(ordered, i) :]))
        took = [events[behind[-1]][1].time - events[i][1].time for i, behind in attempts if behind]
        usual = UNDER_WAY * median(took) if took else 0.0
        for i, behind in attempts:
            known = found.cut if self._may_go_on(i, usual) else found.after
            known.append(frozenset(events[j][0] for j in behind))

    def _may_go_on(self, i: int, usual: float) -> bool:
        """Whether what is kept ends so soon behind an event that the rest of its attempt may be missing."""
        end = self._ends[min(bisect_left(self._ends, i), len(self._ends) - 1)]
        if end < len(self.events) - 1:
            return end - i <= EDGE
        return end - i <= LAST or self.events[end][1].time - self.events[i][1].time <= usual

    def by_actor(self, anchor: str, carrier: str, actors: set[int]) -> dict[int, list[list[Event]]]:
        """Rank of an actor -> its anchor events, a run for each stretch.

        An anchor event without the actor's id takes it from the event of `carrier` that shares its attempt's id.
        """
        carried: dict[int, list[tuple[int, int]]] = {}
        for i in self._at.get(carrier, ()):
            event = self.events[i][1]
            who = _actor_in(event, actors)
            for rank in event.ids if who is not None else ():
                if rank not in actors:
                    carried.setdefault(rank, []).append((i, who or 0))
        out: dict[int, dict[int, list[Event]]] = {}
        for i in self._at.get(anchor, ()):
            _, event, stretch = self.events[i]
            who = _actor_in(event, actors)
            if who is None:
                who = next((_nearest(carried[rank], i) for rank in event.ids if rank in carried), None)
            if who is not None:
                out.setdefault(who, {}).setdefault(stretch, []).append((event.time, event.position))
        return {who: list(runs.values()) for who, runs in out.items()}

    def ordinals(self, name: str) -> list[int]:
        """Where the events of a signature stand among all; stretches lie far apart."""
        return sorted(self.events[i][2] * FAR + i for i in self._at.get(name, ()))


def _actor_in(event: SceneEvent, actors: set[int]) -> int | None:
    return next((rank for rank in event.ids if rank in actors), None)


def _nearest(carried: list[tuple[int, int]], place: int) -> int:
    """The actor whose line stands nearest to a place: a counter may come again after a restart."""
    return min(carried, key=lambda c: abs(c[0] - place))[1]
