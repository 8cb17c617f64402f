"""What scenes tell: which events share an attempt's id with a failure, and in which order they come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from floodscan.profile.profile import Profile
from floodscan.profile.sample import Event
from floodscan.profile.scene import BlockKey, SceneEvent

ONE_ATTEMPT = 64
"""An id value on more events of a scene than this names no attempt."""
FAR = 1 << 20


@dataclass(slots=True)
class Link:
    """How the events of one signature hang on another's by an attempt's id."""

    anchors: int = 0
    """Anchor events that share an attempt's id with an event of the signature."""
    events: int = 0
    """Events of the signature that share an attempt's id with an anchor event."""
    lags: list[int] = field(default_factory=list)
    """Milliseconds from the anchor to the linked event."""
    steps: list[int] = field(default_factory=list)
    """Lines from the anchor to the linked event."""
    order: list[int] = field(default_factory=list)
    """-1 or 1: whether the linked event stands before or behind its anchor."""

    @property
    def lag(self) -> float:
        return median(self.lags) if self.lags else 0.0


@dataclass(slots=True)
class Links:
    """One signature's links in all scenes."""

    anchors: int
    """Events of the signature in the scenes."""
    to: dict[str, Link]
    totals: Counter[str]
    """Events of every signature in those scenes, between the first and the last anchor of each."""

    def share(self, signature: str) -> float:
        """Share of the anchors that an event of `signature` is linked to."""
        link = self.to.get(signature)
        return link.anchors / self.anchors if link and self.anchors else 0.0

    def returned(self, signature: str) -> float:
        """Share of the events of `signature`, while the loop runs, that are linked to an anchor."""
        link, total = self.to.get(signature), self.totals[signature]
        return min(1.0, link.events / total) if link and total else 0.0


class Scenes:
    """The scenes of a profile with signatures as the roll-up names them; adjacent blocks are one scene here."""

    def __init__(self, profile: Profile, names: dict[str, str]) -> None:
        self.scenes: list[list[tuple[str, SceneEvent]]] = []
        memo: dict[str, str] = {}
        before: BlockKey | None = None
        for key in sorted(profile.scenes):
            if before is None or key != (before[0], before[1] + 1):
                self.scenes.append([])
            before = key
            for event in profile.scenes[key]:
                own = event.signature.id
                if own not in memo:
                    label = profile.label(event.signature)
                    memo[own] = names.get(label, label)
                self.scenes[-1].append((memo[own], event))
        self._at: list[dict[str, list[int]]] = []
        """For each scene: signature -> where its events stand."""
        self._holders: list[dict[int, list[int]]] = []
        """For each scene: rank of an id -> the events that carry it."""
        for scene in self.scenes:
            scene.sort(key=lambda e: (e[1].time, e[1].position))
            self._index(scene)

    def _index(self, scene: list[tuple[str, SceneEvent]]) -> None:
        at: dict[str, list[int]] = {}
        holders: dict[int, list[int]] = {}
        for i, (name, event) in enumerate(scene):
            at.setdefault(name, []).append(i)
            for rank in event.ids:
                holders.setdefault(rank, []).append(i)
        self._at.append(at)
        self._holders.append(holders)

    def links(self, anchor: str) -> Links:
        """What hangs on the events of `anchor` by an id that only one of them (in the scene) carries."""
        found = Links(0, {}, Counter())
        for scene, places, holders in zip(self.scenes, self._at, self._holders, strict=True):
            at = places.get(anchor)
            if not at:
                continue
            found.anchors += len(at)
            for name, others in places.items():
                within = bisect_right(others, at[-1]) - bisect_left(others, at[0])
                if within:
                    found.totals[name] += within
            self._link(scene, at, holders, found)
        return found

    def _link(
        self, scene: list[tuple[str, SceneEvent]], at: list[int], holders: dict[int, list[int]], found: Links
    ) -> None:
        uses = Counter(rank for i in at for rank in set(scene[i][1].ids))
        linked_events: set[int] = set()
        for i in at:
            anchor = scene[i][1]
            seen: set[str] = set()
            near = {
                j
                for rank in anchor.ids
                if uses[rank] == 1 and len(holders[rank]) <= ONE_ATTEMPT
                for j in holders[rank]
                if j != i
            }
            for j in sorted(near):
                name, event = scene[j]
                link = found.to.setdefault(name, Link())
                if name not in seen:
                    link.anchors += 1
                    link.lags.append(event.time - anchor.time)
                    link.steps.append(event.position - anchor.position)
                    link.order.append(1 if j > i else -1)
                    seen.add(name)
                if j not in linked_events:
                    link.events += 1
                    linked_events.add(j)

    def by_actor(self, anchor: str, carrier: str, actors: set[int]) -> dict[int, list[list[Event]]]:
        """Rank of an actor -> its anchor events, a run for each scene.

        An anchor event without the actor's id takes it from the event of `carrier` that shares its attempt's id.
        """
        known: dict[int, int] = {}
        for scene in self.scenes:
            for name, event in scene:
                if name == carrier and (who := _actor_in(event, actors)) is not None:
                    known.update((rank, who) for rank in event.ids if rank not in actors)
        out: dict[int, list[list[Event]]] = {}
        for scene in self.scenes:
            fresh = dict.fromkeys(out, True)
            for name, event in scene:
                if name != anchor:
                    continue
                who = _actor_in(event, actors)
                if who is None:
                    who = next((known[rank] for rank in event.ids if rank in known), None)
                if who is not None:
                    runs = out.setdefault(who, [[]])
                    if fresh.pop(who, False):
                        runs.append([])
                    runs[-1].append((event.time, event.position))
        return out

    def ordinals(self, name: str) -> list[int]:
        """Where the events of a signature stand among the records of the scenes; scenes lie far apart."""
        return [i * FAR + j for i, places in enumerate(self._at) for j in places.get(name, ())]


def _actor_in(event: SceneEvent, actors: set[int]) -> int | None:
    return next((rank for rank in event.ids if rank in actors), None)
