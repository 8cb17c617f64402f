"""Samples that depend only on the set: the K smallest by rank, and both ends of a run of events.

Sampling by the smallest hash (bottom-k) is due to Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from heapq import heapify, heappop, heappushpop
from operator import neg
from typing import Any, Generic, TypeVar

from floodscan.regex import regex

T = TypeVar("T")
Event = tuple[int, int]
"""(milliseconds, position in the input). Milliseconds are 0 where the record has no clock."""

_MASK = (1 << 64) - 1


@lru_cache(maxsize=65_536)
def rank_of(text: str) -> int:
    """A 63-bit hash of a text: the same on every machine and run."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


ATTEMPT = regex(
    r"(?:^|[._-]|(?<=[a-z]))(?:trace|span|req|request|correlation|transaction|conn|connection|socket|session|channel|job|"
    r"task|message|msg|operation|attempt|call|invocation|execution|run)(?:[._-]?(?:id|uuid|key|no|number))?\Z",
    re.IGNORECASE,
)
"""Keys that name one attempt by convention. Only these prove that two lines belong together: a user, a device, a host
or an address in common ties nothing."""
COUNTER = 8
"""An id of at most this length may be a process's own counter (`req-1a`): it counts within its process alone."""


@lru_cache(maxsize=4096)
def names_attempt(key: str) -> bool:
    """Whether a (dotted) id key may name an attempt."""
    return ATTEMPT.search(key) is not None


def rank_of_id(key: str, value: str, process: str | None) -> int:
    """The rank of an id's value; its lowest bit is 1 where the key may name an attempt."""
    if not names_attempt(key):
        return rank_of(value) & ~1
    return rank_of(f"{process}\0{value}" if process and len(value) <= COUNTER else value) | 1


def rank_of_position(position: int) -> int:
    """A 63-bit hash of a position (splitmix64, Steele et al. 2014): cheap enough for every line."""
    z = (position + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) >> 1


class Bottom(Generic[T]):
    """The `cap` keys of smallest rank, each with a value, and whether any was cut."""

    __slots__ = ("_heap", "cap", "cut", "items", "limit")

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.cut = False
        self.items: dict[int, T] = {}
        self.limit = _MASK
        """Ranks above this can no longer enter."""
        self._heap: list[int] = []
        """The ranks, negated, as a heap: the next to leave is its first. Made when a full sample is first put to."""

    def wants(self, rank: int) -> bool:
        """Whether `rank` would be kept now; where not, the sample is marked as cut."""
        if rank <= self.limit:
            return True
        self.cut = True
        return False

    def put(self, rank: int, value: T) -> None:
        """Keeps `value` under a `rank` that `wants` has accepted."""
        items, heap = self.items, self._heap
        if rank in items:
            items[rank] = value
            return
        items[rank] = value
        kept = len(items)
        if kept < self.cap:
            return
        if not heap:
            heap.extend(map(neg, items))
            heapify(heap)
            leaving = heappop(heap) if kept > self.cap else None
        else:
            leaving = heappushpop(heap, -rank)
        if leaving is not None:
            self.cut = True
            del items[-leaving]
        self.limit = -heap[0]

    def merge(self, other: Bottom[T], add: Callable[[T, T], T], copy: Callable[[T], T]) -> None:
        """Adds `other` in place: values under one rank by `add`, new ones by `copy`.

        What is merged into an empty sample stands in the order of the ranks.
        """
        self.cut = self.cut or other.cut
        self._heap.clear()
        for rank in sorted(other.items):
            if rank in self.items:
                self.items[rank] = add(self.items[rank], other.items[rank])
            elif self.wants(rank):
                self.items[rank] = copy(other.items[rank])
        if len(self.items) > self.cap:
            self.cut = True
            for rank in sorted(self.items)[self.cap :]:
                del self.items[rank]
        if len(self.items) == self.cap:
            self.limit = max(self.items)

    def shrink(self, cap: int) -> None:
        """Keeps what a sample of this cap, no larger than its own, would have kept of all that it was offered."""
        self.cap = cap
        if len(self.items) >= cap:
            self._heap.clear()
            self.cut = self.cut or len(self.items) > cap
            self.items = {rank: self.items[rank] for rank in sorted(self.items)[:cap]}
            self.limit = max(self.items)

    def values(self) -> list[T]:
        """In the order of their ranks."""
        return [self.items[rank] for rank in sorted(self.items)]

    def state(self, pack: Callable[[T], Any]) -> list[Any]:
        """[cut, ranks, values], the values packed for JSON by `pack`."""
        return [self.cut, sorted(self.items), [pack(value) for value in self.values()]]

    @classmethod
    def of(cls, state: list[Any], cap: int, unpack: Callable[[Any], T]) -> Bottom[T]:
        sample = cls(cap)
        sample.cut, ranks, values = state
        sample.items = {rank: unpack(value) for rank, value in zip(ranks, values, strict=True)}
        if len(ranks) == cap:
            sample.limit = ranks[-1]
        return sample


class Ranks:
    """The `cap` smallest of a set of ranks, in order, and whether any was cut."""

    __slots__ = ("cap", "cut", "items", "limit")

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.cut = False
        self.items = array("Q")
        self.limit = _MASK
        """Ranks above this can no longer enter."""

    def put(self, rank: int) -> None:
        items = self.items
        if rank > self.limit:
            self.cut = True
            return
        at = bisect_left(items, rank)
        if at < len(items) and items[at] == rank:
            return
        items.insert(at, rank)
        self._keep()

    def load(self, packed: bytes) -> None:
        """The smallest of these and others, 64 bits each and in order, in their place."""
        self.items = array("Q", packed)
        self._keep()

    def merge(self, other: Ranks) -> None:
        self.cut = self.cut or other.cut
        both = sorted(self.items.tolist() + other.items.tolist())  # two runs in order: to sort them is to merge them
        self.items = array("Q", dict.fromkeys(both))
        self._keep()

    def shrink(self, cap: int) -> None:
        """Keeps what a sample of this cap, no larger than its own, would have kept of all that it was offered."""
        self.cap = cap
        self._keep()

    def _keep(self) -> None:
        if len(self.items) > self.cap:
            self.cut = True
            del self.items[self.cap :]
        if len(self.items) == self.cap:
            self.limit = self.items[-1]

    def state(self) -> list[Any]:
        """[cut, ranks]."""
        return [self.cut, self.items.tolist()]

    @classmethod
    def of(cls, state: list[Any], cap: int) -> Ranks:
        sample = cls(cap)
        sample.cut, ranks = state
        sample.items = array("Q", ranks)
        sample._keep()
        return sample


class Ends:
    """The first and the last `cap` events of a run; all of them while there are at most twice as many."""

    __slots__ = ("cap", "events")

    def __init__(self, cap: int, events: list[Event] | None = None) -> None:
        self.cap = cap
        self.events: list[Event] = events or []

    def add(self, event: Event) -> None:
        self.events.append(event)
        if len(self.events) > 8 * self.cap:
            self._trim()

    def add_all(self, events: Iterable[Event]) -> None:
        self.events.extend(events)
        if len(self.events) > 8 * self.cap:
            self._trim()

    def _trim(self) -> None:
        self.events.sort()
        if len(self.events) > 2 * self.cap:
            self.events = self.events[: self.cap] + self.events[-self.cap :]

    def merge(self, other: Ends) -> None:
        self.events = self.events + other.events
        self._trim()

    def sorted(self) -> list[Event]:
        """The events in order; a gap stands in the middle where the run was longer than twice the cap."""
        self._trim()
        return self.events

    def runs(self, count: int) -> list[list[Event]]:
        """The unbroken stretches of a run of `count` events: one, or its beginning and its end."""
        events = self.sorted()
        if count <= len(events):
            return [events] if events else []
        return [events[: self.cap], events[self.cap :]]

    def forget_times(self) -> None:
        """Leaves the places alone."""
        self.events = sorted((0, position) for _, position in self.sorted())

    def shrink(self, cap: int) -> None:
        """Keeps the ends that a smaller cap would have kept."""
        self._trim()
        self.cap = cap
        self._trim()

    def copy(self) -> Ends:
        return Ends(self.cap, list(self.events))

    def state(self) -> list[Any]:
        """[times, positions], in order."""
        events = self.sorted()
        return [[time for time, _ in events], [position for _, position in events]]

    @classmethod
    def of(cls, state: list[Any], cap: int) -> Ends:
        return cls(cap, list(zip(*state, strict=True)))
